import { describe, expect, test } from 'vitest'
import type { Job, Stop } from '../../src/agent/index.ts'
import { CLOSE, CloseError } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { offer } from './offers.ts'
import { running, stage } from './stage.ts'

/** Work that a test ends by hand. */
function manual() {
  const jobs: { job: Job; end: () => void; fail: (error: Error) => void }[] = []
  const run = (job: Job) => new Promise<void>((end, fail) => void jobs.push({ job, end, fail }))
  return { jobs, run }
}

const doneOf = (server: { callsOf(method: 'done'): { params: unknown }[] }) =>
  server.callsOf('done').map(({ params }) => params)

describe('a workflow', () => {
  test('is accepted, run step by step, and reported', async () => {
    const { server } = await running(async (job) => {
      for (const step of job.steps) if (!(await step.run((log) => log(`hello from ${step.spec.name}`)))) break
    })
    server.on('init', () => ({ secrets: { TOKEN: 'hello' } }))
    server.offer(offer('l1', { steps: ['build', 'test'] }))
    await settle()
    expect(server.last.heard.filter((what) => what !== 'next' && what !== 'hello')).toEqual([
      'init l1',
      'update l1',
      'update l1',
      'update l1',
      'update l1',
      'done l1',
      'log',
      'log',
    ])
    expect(doneOf(server)).toMatchObject([
      {
        state: { error: '', canceled: false },
        steps: [
          { stepId: 'build', state: 'success', lines: 1 },
          { stepId: 'test', state: 'success', lines: 1 },
        ],
      },
    ])
    expect(server.framesOf('log').map(({ text }) => text)).toEqual(['******** from build\n', '******** from test\n'])
  })

  test('is run by a function that takes the job apart', async () => {
    const { server } = await running(async ({ step, secrets }) => {
      await step('build').run((log) => log(`${Object.keys(secrets).length} secrets`))
      step('deploy')
    })
    server.offer(offer('l1', { steps: ['build'] }))
    await settle()
    expect(doneOf(server)).toMatchObject([
      { state: { error: expect.stringContaining('has no step "deploy"') }, steps: [{ state: 'success' }] },
    ])
  })

  test('fails with the first step that throws, the rest is skipped', async () => {
    const broken = () => Promise.reject(new Error('no compiler'))
    const { server } = await running(async (job) => {
      for (const step of job.steps) if (!(await step.run(broken))) break
    })
    server.offer(offer('l1', { steps: ['build', 'test'] }))
    await settle()
    expect(doneOf(server)).toMatchObject([
      {
        state: { error: '' },
        steps: [
          { state: 'failure', error: 'no compiler' },
          { state: 'skipped', started: null },
        ],
      },
    ])
  })

  test('whose run rejects fails with that message', async () => {
    const { server } = await running(async (job) => {
      job.step('build').start()
      throw new Error('disk on fire')
    })
    server.offer(offer('l1'))
    await settle()
    expect(doneOf(server)).toMatchObject([
      { state: { error: 'disk on fire', canceled: false }, steps: [{ state: 'failure', error: 'disk on fire' }] },
    ])
  })

  test('that takes too long is stopped and fails, saying so', async () => {
    const { jobs, run } = manual()
    const { server, clock } = await running(run)
    server.offer(offer('l1', { workflow: { timeoutMs: 3_600_000 } }))
    await clock.advance(3_599_000)
    expect(jobs[0]?.job.signal.aborted).toBe(false)
    await clock.advance(1_000)
    expect(jobs[0]?.job.signal.reason).toMatchObject({ why: 'timeout', graceMs: 10_000 } satisfies Partial<Stop>)
    expect(doneOf(server)).toEqual([])
    jobs[0]?.end()
    await settle()
    expect(doneOf(server)).toMatchObject([{ state: { error: 'timed out after 1h', canceled: false } }])
  })

  test('that is cancelled by a pushed frame is stopped without a request, then reported', async () => {
    const { jobs, run } = manual()
    const { server } = await running(run)
    server.offer(offer('l1'))
    await settle()
    const asked = server.calls.length
    server.last.send({ type: 'cancel', workflowId: 'w-l1', lease: 'l1', revision: 1, reason: 'enough', graceMs: 4_000 })
    await settle()
    expect(jobs[0]?.job.signal.reason).toEqual({ why: 'canceled', reason: 'enough', graceMs: 4_000 })
    expect(server.calls).toHaveLength(asked)
    expect(server.framesOf('receipt').map(({ phase }) => phase)).toEqual(['received', 'stopping'])
    jobs[0]?.end()
    await settle()
    expect(server.framesOf('receipt').at(-1)?.phase).toBe('stopped')
    expect(doneOf(server)).toMatchObject([{ state: { canceled: true, error: '' }, steps: [{ state: 'canceled' }] }])
  })

  test('that will not stop keeps its place, and the log says so', async () => {
    const { jobs, run } = manual()
    const { server, clock, lines } = await running(run)
    server.offer(offer('l1'))
    await settle()
    server.last.send({ type: 'cancel', workflowId: 'w-l1', lease: 'l1', revision: 1, reason: 'enough', graceMs: 4_000 })
    server.offer(offer('l2'))
    await clock.advance(15_000)
    expect(lines.some(({ text }) => text.includes('has not'))).toBe(true)
    expect(doneOf(server)).toEqual([])
    expect(jobs).toHaveLength(1)
    jobs[0]?.end()
    await settle()
    expect(jobs).toHaveLength(2)
  })
})

describe('capacity', () => {
  test('is never exceeded, and always used', async () => {
    let now = 0
    let most = 0
    const { jobs, run } = manual()
    const { server } = await running(
      async (job) => {
        most = Math.max(most, ++now)
        await run(job)
        now--
      },
      stage({ capacity: 3 }),
    )
    for (let at = 0; at < 8; at++) server.offer(offer(`l${at}`))
    for (let at = 0; at < 8; at++) {
      await settle()
      expect(now).toBe(Math.min(3, 8 - at))
      jobs[at]?.end()
    }
    await settle()
    expect(most).toBe(3)
    expect(doneOf(server)).toHaveLength(8)
    expect(server.callsOf('next')).toHaveLength(11)
  })

  test('a place whose lease is lost is free only after its work has settled', async () => {
    const { jobs, run } = manual()
    const { server, clock } = await running(run)
    server.offer(offer('l1'))
    await settle()
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'lost', steps: [] }] })
    server.last.cut()
    await clock.advance(6_000)
    expect(jobs[0]?.job.signal.reason).toMatchObject({ why: 'lost' })
    server.offer(offer('l2'))
    await settle()
    expect(jobs).toHaveLength(1)
    jobs[0]?.end()
    await settle()
    expect(jobs).toHaveLength(2)
    expect(doneOf(server)).toEqual([])
  })
})

describe('leaving', () => {
  test('drain takes nothing new, finishes what runs, delivers its lines, unregisters and closes', async () => {
    const { jobs, run } = manual()
    const { server, agent, clock } = await running(run, stage({ capacity: 2 }))
    server.offer(offer('l1'))
    await settle()
    const drained = agent.drain()
    server.offer(offer('l2'))
    await clock.advance(30_000)
    expect(jobs).toHaveLength(1)
    expect(agent.peer.state).toBe('ready')
    jobs[0]?.job.step('build').write('out', 'last words')
    jobs[0]?.end()
    await settle()
    expect(server.callsOf('unregister')).toHaveLength(0)
    server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 1 })
    await drained
    await settle()
    expect(server.callsOf('unregister')).toHaveLength(1)
    expect(server.last.closed?.code).toBe(CLOSE.normal)
    expect(clock.pending).toBe(0)
    await agent.finished
  })

  test('stop cancels with grace and reports it', async () => {
    const { jobs, run } = manual()
    const { server, agent, clock } = await running(run)
    server.offer(offer('l1'))
    await settle()
    const stopped = agent.stop('going home')
    expect(jobs[0]?.job.signal.reason).toEqual({ why: 'shutdown', reason: 'going home', graceMs: 10_000 })
    jobs[0]?.end()
    await stopped
    expect(doneOf(server)).toMatchObject([{ state: { canceled: true } }])
    expect(clock.pending).toBe(0)
  })

  test('stop does not wait for ever for a server that is away', async () => {
    const { jobs, run } = manual()
    const { server, agent, clock } = await running(run)
    server.offer(offer('l1'))
    await settle()
    server.greets = false
    server.last.cut()
    await settle()
    const stopped = agent.stop()
    jobs[0]?.end()
    await clock.advance(10_000)
    await stopped
    expect(agent.peer.state).toBe('stopped')
    expect(clock.pending).toBe(0)
  })

  test('a stop code ends it: the work is stopped, nothing is reported, the error tells', async () => {
    const { jobs, run } = manual()
    const { server, agent, clock } = await running(run)
    server.offer(offer('l1'))
    await settle()
    server.last.channel.close(CLOSE.agentDeleted, 'the agent was deleted')
    await settle()
    expect(jobs[0]?.job.signal.reason).toMatchObject({ why: 'lost' })
    jobs[0]?.end()
    await expect(agent.finished).rejects.toBeInstanceOf(CloseError)
    await expect(agent.finished).rejects.toMatchObject({ code: CLOSE.agentDeleted })
    expect(doneOf(server)).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
