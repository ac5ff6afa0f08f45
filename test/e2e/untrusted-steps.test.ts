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
  needs(`agent ${flag}`, { timeout: 300_000 }, () => {
    test('has steps that get at no credential and no journal, and end with it however they hide', () =>
      openStage(async (stage) => {
        const options = { name: 'wary', data: true, flags: [...flags] }
        const agent = await stage.agent(options)
        expect(agent.stderr()).toContain('steps are kept apart')
        await expectNothingFound(stage, agent.pid)

        const name = `hidden${flag}-${process.pid}`
        const id = await stage.submit(hiding(name), '--grace', '1s')
        await stage.watch.until(id, ({ steps }) => (steps[0]?.lines ?? 0) > 1, { ...patient, what: 'what it hides' })
        expect(commandsNamed(name)).toHaveLength(1)
        await stage.killAgent(options.name)
        await waitUntil(() => commandsNamed(name).length === 0, { ...patient, what: 'the end of what it hid' })

        await stage.agent(options)
        expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'success', attempt: 2 })
        await stage.stopAgent(options.name)
        expect(existsSync(stage.path('tmp/drumline'))).toBe(false)
      }))
  })
}

/** Has a step look for credentials wherever there may be some. */
async function expectNothingFound(stage: Stage, agent: number): Promise<void> {
  const id = await stage.submit(`
steps:
  - name: look
    commands:
      - cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep 'drl[_]' || true
      - timeout 10 cat /proc/${agent}/environ /proc/${agent}/fd/* ${stage.folder}/*/* 2>/dev/null || true
      - env
`)
  expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'success' })
  const { stdout } = await stage.run(['logs', id])
  expect(stdout).toContain('CI=true')
  expect(stdout).not.toContain('drl_')
  expect(stdout).not.toContain(await stage.agentToken())
}

/** A workflow whose first attempt leaves something that neither its group nor its variables tell of. */
function hiding(name: string): string {
  return `
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
`
}

describe('an agent that cannot keep steps apart as asked', { timeout: 120_000 }, () => {
  test.each([
    ['users who are no users for steps', ['--run-as', '0'], '0 has root', 'only root can'],
    ['a path to show in no sandbox', ['--sandbox-bind', '/usr'], 'there is no sandbox', 'there is no sandbox'],
    [
      'a token that steps could read',
      ['--token', 'drl_x', '--run-as', '1'],
      '--token can be read',
      '--token can be read',
    ],
  ])('refuses %s with exit 2, and never runs without', (_, flags, asRoot, otherwise) =>
    onStage(async (stage) => {
      const agent = stage.start(['agent', '--url', 'http://127.0.0.1:9', ...flags], { DRUMLINE_TOKEN: 'drl_x' })
      expect(await agent.finished(60_000)).toMatchObject({ code: 2 })
      expect(agent.stderr()).toContain(process.getuid?.() === 0 ? asRoot : otherwise)
    }),
  )
})
