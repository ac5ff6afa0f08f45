import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FrameProxy } from '../support/frame-proxy.ts'
import { onStage } from '../support/on-stage.ts'
import { RawAgent } from '../support/raw-agent.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Shown {
  state: string
  cancel: { requested: number; received: number | null; stopping: number | null; stopped: number | null } | null
  steps: { state: string; exitCode: number | null; error: string | null; stopMs: number | null }[]
}

const show = async (stage: Stage, id: string) => (await stage.json('show', id)) as Shown

/** Says in a file that it has begun, and then does this. */
const begun = (stage: Stage, then: string) =>
  `
name: long
steps:
  - name: work
    commands:
      - ${then}
  - name: after
    commands: echo never
`.replace('BEGUN', stage.path('begun'))

async function hasBegun(stage: Stage): Promise<void> {
  await waitUntil(() => existsSync(stage.path('begun')), { limitMs: 60_000, what: 'the start of the work' })
}

const SLEEP = 'echo > BEGUN; sleep 600'
const QUICK = ['--test-timings', '--lease', '5s']

describe('a cancel', { timeout: 180_000 }, () => {
  test('of a step that ignores SIGTERM kills it after the grace, and show says so to the millisecond', () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'stubborn' })
      const stubborn = `trap '' TERM; echo > BEGUN; while :; do sleep 0.05; done`
      const id = await stage.submit(begun(stage, stubborn), '--grace', '1s')
      await hasBegun(stage)
      expect(await stage.run(['cancel', id, '--wait'], {}, 60_000)).toMatchObject({ code: 0 })

      const { state, cancel, steps } = await show(stage, id)
      expect(state).toBe('canceled')
      const { requested = 0, received, stopping, stopped } = cancel ?? {}
      const times = [requested, received ?? 0, stopping ?? 0, stopped ?? 0]
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect((stopped ?? 0) - requested).toBeGreaterThanOrEqual(1_000)
      const error = 'did not end within 1s; killed'
      expect(steps).toMatchObject([
        { state: 'canceled', exitCode: 137, error, stopMs: expect.any(Number) },
        { state: 'canceled', exitCode: null, error: null, stopMs: null },
      ])
      expect(steps[0]?.stopMs).toBeGreaterThanOrEqual(1_000)

      const { stdout } = await stage.run(['show', id])
      expect(stdout).toMatch(
        /requested [\d-]+ [\d:]+\.\d{3}Z; received after \d+ ms; stopping after \d+ ms; stopped after \d+ ms\n/,
      )
      expect(stdout).toContain(`after ${steps[0]?.stopMs} ms  ${error}`)
      expect((await stage.run(['logs', id, '--commands'])).stdout).toContain(error)
    }))

  test('whose frame is lost is said again until it is receipted, and acted on once', () =>
    onStage(async (stage) => {
      await stage.serve(...QUICK)
      const proxy = await FrameProxy.before(stage)
      await stage.agent({ name: 'unlucky', url: proxy.url })
      const id = await stage.submit(begun(stage, SLEEP), '--grace', '1s')
      await hasBegun(stage)
      const struck = [
        proxy.plan({ direction: 'down', type: 'cancel', act: 'drop' }),
        proxy.plan({ direction: 'down', type: 'cancel', act: 'duplicate' }),
        proxy.plan({ direction: 'up', type: 'receipt', act: 'drop' }),
      ]
      expect(await stage.run(['cancel', id, '--wait'], {}, 60_000)).toMatchObject({ code: 0 })
      await Promise.all(struck)
      const { cancel, steps } = await show(stage, id)
      expect(cancel).toMatchObject({ revision: 1, received: expect.any(Number), stopped: expect.any(Number) })
      expect(steps[0]).toMatchObject({ state: 'canceled', exitCode: 143 })
    }))

  test('that is asked for while the agent is away holds when it is back, also over the success it brings', () =>
    onStage(async (stage) => {
      await stage.serve()
      const proxy = await TcpProxy.before(stage)
      await stage.agent({ name: 'away', capacity: 2, url: proxy.url })
      const gate = stage.path('gate')
      // However slow the machine: it is back before it would be given up.
      const long = await stage.submit(begun(stage, SLEEP), '--grace', '90s')
      const ended = stage.path('ended')
      const short = await stage.submit(
        `name: short\nsteps:\n  - name: wait\n    commands: until [ -e ${gate} ]; do sleep 0.05; done; echo > ${ended}\n`,
        '--grace',
        '90s',
      )
      await hasBegun(stage)
      await stage.watch.until(short, ({ steps }) => steps[0]?.state === 'running')
      proxy.cut(true)
      for (const id of [long, short]) expect(await stage.json('cancel', id)).toEqual({ id, state: 'running' })
      // It knows nothing of that, and ends well.
      writeFileSync(gate, '')
      await waitUntil(() => existsSync(ended), { limitMs: 60_000, what: 'its end' })
      proxy.admit()
      for (const id of [long, short]) {
        expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'canceled', attempt: 1, logs: 'complete' })
        expect((await show(stage, id)).cancel?.stopped).toEqual(expect.any(Number))
      }
    }))

  test('that an agent does not obey ends the workflow all the same; --wait returns once the agent has stopped', () =>
    onStage(async (stage) => {
      await stage.serve(...QUICK)
      const id = await stage.submit(begun(stage, SLEEP), '--grace', '1s')
      const agent = await RawAgent.open(stage, { name: 'deaf' })
      const { lease } = await agent.take()
      const known = { DRUMLINE_URL: stage.server.url, DRUMLINE_TOKEN: stage.adminToken }
      const waiter = stage.start(['cancel', id, '--wait'], known)
      const { revision } = await agent.end.hears('cancel', undefined, 60_000)
      agent.end.send({ type: 'receipt', lease, revision, phase: 'received' })

      const revoke = await revoked(agent, lease)
      expect(revoke).toMatchObject({ lease, workflowId: id })
      const { state, cancel } = await show(stage, id)
      expect({ state, ...cancel }).toMatchObject({ state: 'canceled', received: expect.any(Number), stopped: null })
      expect(waiter.ended).toBeUndefined()
      agent.end.send({ type: 'receipt', lease, revision: revoke.revision, phase: 'stopped' })
      expect(await waiter.finished(60_000)).toMatchObject({ code: 0 })
      expect(waiter.stdout()).toBe(`${id} canceled\n`)
      expect((await show(stage, id)).cancel?.stopped).toEqual(expect.any(Number))
    }))
})

/** Keeps its lease until the server takes it away. */
async function revoked(agent: RawAgent, lease: string) {
  let last = 0
  return waitUntil(
    async () => {
      if (performance.now() - last > 500) {
        last = performance.now()
        await agent.extend(lease)
      }
      return agent.end.heard.find((frame) => frame.type === 'revoke')
    },
    { limitMs: 60_000, what: 'a revoke' },
  )
}
