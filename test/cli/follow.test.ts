import { describe, expect, test } from 'vitest'
import type { Outages } from '../../src/cli/connect.ts'
import { follow } from '../../src/cli/follow/follow.ts'
import { openClient } from '../../src/client/index.ts'
import type { WorkflowDetail } from '../../src/protocol/index.ts'
import { connectTo, type Script } from '../client/scripted-server.ts'
import { lines, step, workflow } from '../client/views.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FakeWorld } from './fake-world.ts'
import { Screen } from './screen.ts'

type Outcome = Pick<WorkflowDetail, 'state'> & Partial<WorkflowDetail>

const CHUNK = { kind: 'lines' as const, lease: 'lease-1', stepId: 's1', from: 1, to: 2 }

/** Workflows that have ended as given, each with a command and a line. */
function script(outcomes: Record<string, Outcome>): Script {
  const detail = (id: string) =>
    workflow({
      id,
      name: id,
      version: 2,
      logs: 'complete',
      steps: [step('s1', { name: 'test', lines: 2 })],
      ...outcomes[id],
    })
  return {
    subscribe: ({ topic }) => {
      const [kind, id = ''] = topic.split('/')
      const page = kind === 'workflow' ? [{ kind: 'workflow' as const, workflow: detail(id) }] : []
      return { epoch: 'e', offset: 0, page, snapshot: true }
    },
    logs: ({ id, after }) => {
      const part = {
        ...CHUNK,
        text: `+ run\n${id} speaks\n`,
        runs: [
          [1, 0, 'command'],
          [1, 5, 'out'],
        ] as [number, number, 'out'][],
      }
      return {
        attempt: 1,
        lease: 'lease-1',
        parts: after === undefined ? [part] : [],
        next: '1',
        more: false,
        state: 'complete',
        missing: [],
      }
    },
  }
}

async function run(outcomes: Record<string, Outcome>, options: { json?: boolean; terminal?: boolean } = {}) {
  const world = new FakeWorld([], { terminal: options.terminal ?? false, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } })
  const client = await openClient(connectTo(script(outcomes)).port)
  const workflows = Object.keys(outcomes).map((id) => ({ id, name: id }))
  const code = await follow(client, workflows, { world, flags: { json: options.json ?? false } })
  return { code, stdout: world.stdout.text, stderr: world.stderr.text }
}

const ended = (state: WorkflowDetail['state'], changes: Partial<WorkflowDetail> = {}): Outcome => ({
  state,
  finished: new Date(5000),
  ...changes,
})

describe('submit --follow', () => {
  test.each([
    ['success', 0],
    ['failure', 1],
    ['error', 1],
    ['skipped', 1],
    ['canceled', 3],
  ] as const)('exits as the workflow ends: %s is %i', async (state, code) => {
    expect((await run({ w1: ended(state) })).code).toBe(code)
  })

  test.each([
    [['success', 'canceled'], 3],
    [['canceled', 'failure', 'success'], 1],
    [['success', 'success'], 0],
  ] as const)('of several exits with the worst: %j is %i', async (states, code) => {
    const outcomes = Object.fromEntries(states.map((state, index) => [`w${index}`, ended(state)]))
    expect((await run(outcomes)).code).toBe(code)
  })

  test('in a pipe prints lines on stdout and what is for people on stderr', async () => {
    const steps = [step('s1', { name: 'test', state: 'failure', exitCode: 7, lines: 2 })]
    const { stdout, stderr } = await run({ w1: ended('failure', { steps, error: 'timed out' }) })
    expect(stdout).toBe('[test] + run\n[test] w1 speaks\n')
    expect(stderr).toBe('submitted w1: w1\nw1: failure after 3.0s; test ended with 7; timed out\n')
  })

  test('names the workflow of a line when there are several', async () => {
    const { stdout } = await run({ w1: ended('success'), w2: ended('success') })
    expect(stdout.split('\n').sort()).toEqual([
      '',
      '[w1/test] + run',
      '[w1/test] w1 speaks',
      '[w2/test] + run',
      '[w2/test] w2 speaks',
    ])
  })

  test('of several ends with how many ended how, and says where to look for what failed', async () => {
    const steps = [step('s1', { name: 'test', state: 'failure', exitCode: 7, lines: 2 })]
    const dependsOn = [{ id: 'w1', name: 'w1', state: 'failure' as const }]
    const outcomes = { w1: ended('failure', { steps }), w2: ended('skipped', { started: null, dependsOn, steps: [] }) }
    const { stderr } = await run(outcomes)
    expect(stderr).toContain('w1: failure after 3.0s; test ended with 7; see `drumline logs w1`\n')
    expect(stderr).toContain('w2: skipped; w1 ended with failure\n')
    expect(stderr).toMatch(/\n1 failed, 1 skipped\n$/)
  })

  test('says that a log is not whole', async () => {
    const missing = [{ stepId: 's1', from: 3, to: 9, reason: 'spool full' }]
    expect((await run({ w1: ended('success', { missing, logs: 'incomplete' }) })).stderr).toContain(
      'its log lacks lines',
    )
  })

  test('with --json names the workflows first, then a row a line', async () => {
    const { stdout, stderr } = await run({ w1: ended('success') }, { json: true })
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row))
    expect(rows).toEqual([
      { workflows: [{ id: 'w1', name: 'w1' }] },
      { workflow: 'w1', step: 'test', line: 1, time: 2000, kind: 'command', text: '+ run' },
      { workflow: 'w1', step: 'test', line: 2, time: 2005, kind: 'out', text: 'w1 speaks' },
    ])
    expect(stderr).toBe('')
  })

  test('on a terminal leaves the final state of the steps below the lines', async () => {
    const steps = [step('s1', { name: 'test', state: 'success', exitCode: 0, finished: new Date(5000), lines: 2 })]
    const { stdout } = await run({ w1: ended('success', { steps }) }, { terminal: true })
    const screen = new Screen()
    await screen.write(stdout)
    expect(screen.lines).toEqual([
      'submitted w1: w1',
      '[test] + run',
      '[test] w1 speaks',
      '✓ w1: success after 3.0s',
      '✓ w1 · success · 3.0s',
      '  ✓ test · 3.0s · 2 lines',
      '',
    ])
  })

  test('Ctrl-C ends the watching with 130, and says that the work goes on and how to cancel it', async () => {
    const world = new FakeWorld([])
    const client = await openClient(connectTo(script({ w1: { state: 'running', logs: 'open' } })).port)
    const following = follow(client, [{ id: 'w1', name: 'w1' }], { world, flags: { json: false } })
    await waitUntil(() => world.stdout.text.includes('speaks'))
    world.signal('SIGINT')
    expect(await following).toBe(130)
    expect(world.stderr.text).toContain(
      'the workflow goes on; to watch: drumline logs -f w1\nto cancel: drumline cancel w1\n',
    )
  })

  test('a server that is gone for good says that the work goes on', async () => {
    const world = new FakeWorld([])
    const { port, end } = connectTo(script({ w1: { state: 'running', logs: 'open' } }))
    const client = await openClient(port)
    const following = follow(client, [{ id: 'w1', name: 'w1' }], { world, flags: { json: false } })
    await waitUntil(() => world.stdout.text.includes('speaks'))
    end.port.cut()
    await expect(following).rejects.toMatchObject({ code: 'unavailable' })
    expect(world.stderr.text).toContain('to cancel: drumline cancel w1')
  })

  test('says among the lines that the server is away, and back', async () => {
    const world = new FakeWorld([])
    const client = await openClient(connectTo(script({ w1: ended('success') })).port)
    const outages: Outages = { say: () => {} }
    const following = follow(client, [{ id: 'w1', name: 'w1' }], { world, flags: { json: false }, outages })
    outages.say('no server; trying for 5m00s', 'no server')
    await following
    expect(world.stderr.text).toContain('no server; trying for 5m00s\n')
  })

  test('says what is missing where it is missing', async () => {
    const world = new FakeWorld([])
    const gap = { kind: 'gap' as const, lease: 'lease-1', stepId: 's1', from: 1, to: 4, reason: 'spool full' }
    const parts = [gap, lines('s1', 5, 5)]
    const base = script({ w1: ended('success', { steps: [step('s1', { name: 'test', lines: 5 })] }) })
    const logs: Script['logs'] = () => ({
      attempt: 1,
      lease: 'lease-1',
      parts,
      next: '2',
      more: false,
      state: 'complete',
      missing: [],
    })
    const client = await openClient(connectTo({ ...base, logs }).port)
    await follow(client, [{ id: 'w1', name: 'w1' }], { world, flags: { json: false } })
    expect(world.stdout.text).toBe('[test] s1:5\n')
    expect(world.stderr.text).toContain('lines 1 to 4 of test are missing: spool full\n')
  })
})
