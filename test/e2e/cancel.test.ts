import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { localBackend, type Run, runAgent } from '../../src/agent/index.ts'
import { onStage } from '../support/on-stage.ts'
import { groupMembers, groupOf } from '../support/proc.ts'
import { Recorder } from '../support/recorder.ts'
import type { Stage } from '../support/stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const sleeper = (pidFile: string) => `
name: sleeper
steps:
  - name: sleep
    commands:
      - echo "sleeping for ten minutes"
      - echo $$ > ${pidFile}
      - sleep 600
  - name: never
    commands: echo "never printed"
`

test('cancel of a ten-minute sleep ends its group, and --follow exits 3', { timeout: 60_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    await stage.agent({ name: 'sleepy' })
    const pidFile = stage.path('pid')
    const follow = stage.start(['submit', stage.write('sleeper.yaml', sleeper(pidFile)), '--follow'], {
      DRUMLINE_URL: stage.server.url,
      DRUMLINE_TOKEN: stage.adminToken,
    })
    const group = await groupWrittenTo(pidFile)
    expect(groupMembers(group).length).toBeGreaterThan(0)
    const id = await onlyWorkflow(stage)

    const cancel = await stage.run(['cancel', id, '--reason', 'wrong branch', '--json'])
    expect(JSON.parse(cancel.stdout)).toMatchObject({ id })

    expect(await follow.finished()).toMatchObject({ code: 3 })
    expect(follow.stdout()).toContain('sleeping for ten minutes')
    expect(groupMembers(group)).toEqual([])
    expect(await stage.watch.ended(id)).toMatchObject({
      state: 'canceled',
      attempt: 1,
      steps: [{ state: 'canceled' }, { state: 'canceled', started: null }],
      cancel: {
        reason: 'wrong branch',
        received: expect.any(Date),
        stopping: expect.any(Date),
        stopped: expect.any(Date),
      },
    })
    const show = await stage.run(['show', id])
    for (const word of ['canceled', 'wrong branch', 'received', 'stopping', 'stopped'])
      expect(show.stdout).toContain(word)
  }),
)

test('the signal is fired by the pushed frame and not by any poll', { timeout: 60_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    const recorder = new Recorder()
    const local = localBackend({ baseEnv: { PATH: process.env.PATH }, root: stage.path('tmp') })
    let aborted: unknown
    const run: Run = (job) => {
      job.signal.addEventListener('abort', () => {
        recorder.mark('abort')
        aborted = job.signal.reason
      })
      return local(job)
    }
    const agent = runAgent({
      url: stage.server.url,
      token: await stage.agentToken(),
      agent: { name: 'recorded', capacity: 1 },
      dial: recorder.dial,
      run,
    })
    stage.cleanups.push(() => agent.drain())
    const id = await stage.submit(sleeper(stage.path('pid')))
    await groupWrittenTo(stage.path('pid'))

    recorder.mark('cancel asked')
    await stage.run(['cancel', id])
    await stage.watch.ended(id)

    const between = recorder.between('cancel asked', 'abort')
    expect(between.findLast(({ direction }) => direction === 'in')).toMatchObject({ type: 'cancel' })
    expect(between.filter(({ direction, type }) => direction === 'out' && type === 'request')).toEqual([])
    expect(aborted).toMatchObject({ why: 'canceled' })
  }),
)

test('a workflow that is cancelled before any agent took it never runs', { timeout: 30_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    const pidFile = stage.path('pid')
    const id = await stage.submit(sleeper(pidFile))
    expect(await stage.json('cancel', id)).toEqual({ id, state: 'canceled' })
    const again = await stage.run(['cancel', id])
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('already')

    await stage.agent({ name: 'late' })
    const next = await stage.submit('name: next\nsteps:\n  - name: a\n    commands: echo a\n')
    expect(await stage.watch.ended(next)).toMatchObject({ state: 'success' })
    expect(await stage.watch.get(id)).toMatchObject({ state: 'canceled', attempt: 0 })
    expect(existsSync(pidFile)).toBe(false)
  }),
)

async function groupWrittenTo(pidFile: string): Promise<number> {
  const read = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0)
  const pid = await waitUntil(() => read() || null, { limitMs: 15_000, what: 'the start of the sleep' })
  return groupOf(pid)
}

async function onlyWorkflow(stage: Stage): Promise<string> {
  const { workflows } = (await stage.json('list')) as { workflows: { id: string }[] }
  expect(workflows).toHaveLength(1)
  return workflows[0]?.id ?? ''
}
