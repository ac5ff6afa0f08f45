import { chmodSync, existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { commandsNamed } from '../support/proc.ts'
import type { Stage } from '../support/stage.ts'
import { needsRoot, needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'

const patient = { limitMs: 90_000 }
const MEANS = {
  '--run-as': { needs: needsRoot(), flags: ['--run-as', '60706-61183'] },
  '--sandbox': { needs: needsTool('bwrap'), flags: ['--sandbox'] },
} as const

/** A stage whose folder for temporary files all may pass through. */
function openStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  return onStage(async (stage) => {
    for (const folder of [stage.folder, stage.path('tmp')]) chmodSync(folder, 0o711)
    await stage.serve('--test-timings', '--lease', '20s')
    await work(stage)
  })
}

for (const [flag, { needs, flags }] of Object.entries(MEANS)) {
  needs(`agent ${flag}`, { timeout: 240_000 }, () => {
    test('has steps that get at no credential and no journal, whatever they look through', () =>
      openStage(async (stage) => {
        const agent = await stage.agent({ name: 'wary', data: true, flags: [...flags] })
        const id = await stage.submit(`
steps:
  - name: look
    commands:
      - cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep 'drl[_]' || true
      - cat /proc/${agent.pid}/environ /proc/${agent.pid}/fd/* ${stage.folder}/*/* 2>/dev/null || true
      - env
`)
        expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'success' })
        const { stdout } = await stage.run(['logs', id])
        expect(stdout).toContain('CI=true')
        expect(stdout).not.toContain('drl_')
        expect(stdout).not.toContain(await stage.agentToken())
        expect(agent.stderr()).toContain('steps are kept apart')
      }))

    test('that is killed leaves nothing running, however it hides, and the next one goes on', () =>
      openStage(async (stage) => {
        const agent = { name: 'wary', data: true, flags: [...flags] }
        await stage.agent(agent)
        const name = `hidden${flag}-${process.pid}`
        const id = await stage.submit(
          `
steps:
  - name: hide
    image: bash
    commands:
      - |
        [ $DRUMLINE_ATTEMPT = 1 ] || exit 0
        setsid env -i bash -c 'exec -a ${name} sleep 600' &
        trap '' TERM
        until pgrep -x -f '${name} 600'; do sleep 0.05; done
        echo hidden
        sleep 600
`,
          '--grace',
          '1s',
        )
        await stage.watch.until(id, ({ steps }) => (steps[0]?.lines ?? 0) > 1, { what: 'what it hides' })
        expect(commandsNamed(name)).toHaveLength(1)
        await stage.killAgent(agent.name)
        await waitUntil(() => commandsNamed(name).length === 0, { ...patient, what: 'the end of what it hid' })
        await stage.agent(agent)
        expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'success', attempt: 2 })
        await stage.stopAgent(agent.name)
        expect(existsSync(stage.path('tmp/drumline'))).toBe(false)
      }))
  })
}

describe('an agent that cannot keep steps apart as asked', { timeout: 120_000 }, () => {
  test.each([
    [['--run-as', 'root'], "root has root's rights: not for steps"],
    [['--capacity', '2', '--run-as', '210000'], '2 workflows at a time need 2 users'],
    [['--sandbox-bind', '/usr'], 'there is no sandbox to show a path in'],
  ])('refuses %j with exit 2, and never runs without', (flags, why) =>
    onStage(async (stage) => {
      const agent = stage.start(['agent', '--url', 'http://127.0.0.1:9', ...flags], { DRUMLINE_TOKEN: 'drl_x' })
      expect(await agent.finished(60_000)).toMatchObject({ code: 2 })
      expect(agent.stderr()).toContain(process.getuid?.() === 0 ? why : '')
    }),
  )

  test('refuses a token on its command line where steps could read it', () =>
    onStage(async (stage) => {
      const agent = stage.start(['agent', '--url', 'http://127.0.0.1:9', '--token', 'drl_x', '--run-as', '210000'])
      expect(await agent.finished(60_000)).toMatchObject({ code: 2 })
      expect(agent.stderr()).toContain('--token can be read by every step in the list of processes')
    }))
})
