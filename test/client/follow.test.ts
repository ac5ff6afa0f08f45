import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FollowOptions, followLogs, openClient } from '../../src/client/index.ts'
import { BusError, type LogPart, type ResultOf, type WorkflowDetail } from '../../src/protocol/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { connectTo, type ServerEnd } from './scripted-server.ts'
import { lines, step, workflow } from './views.ts'

/** A server's store of one workflow's logs, by attempt, with pages of at most three parts. */
class Store {
  detail: WorkflowDetail = workflow()
  readonly parts = new Map<number, LogPart[]>()
  reads = 0
  #end: ServerEnd | undefined

  readonly script = {
    get: () => this.detail,
    logs: ({ attempt, after }: { attempt?: number | undefined; after?: string | undefined }) =>
      this.page(attempt, after),
    subscribe: ({ topic }: { topic: string }, end: ServerEnd) => {
      this.#end = end
      const page = topic.startsWith('workflow/') ? [{ kind: 'workflow' as const, workflow: this.detail }] : []
      return { epoch: 'e', offset: 0, page, snapshot: true }
    },
  }

  page(attempt = this.detail.attempt, after = '0'): ResultOf<'logs'> {
    this.reads++
    const all = this.parts.get(attempt) ?? []
    const from = Number(after)
    const parts = all.slice(from, from + 3)
    const next = String(from + parts.length)
    return {
      attempt,
      lease: `lease-${attempt}`,
      parts,
      next,
      more: from + 3 < all.length,
      state: this.detail.logs,
      missing: [],
    }
  }

  append(part: LogPart, announce = true, attempt = 1): void {
    this.parts.set(attempt, [...(this.parts.get(attempt) ?? []), part])
    if (announce) this.#end?.event('logs/w1', { kind: 'log', attempt, part })
  }

  missed(): void {
    this.#end?.missed('logs/w1')
  }

  change(changes: Partial<WorkflowDetail>): void {
    this.detail = { ...this.detail, ...changes, version: this.detail.version + 1 }
    this.#end?.event('workflow/w1', { kind: 'workflow', workflow: this.detail })
  }

  /** The workflow ends with all its lines stored. */
  finish(counts: Record<string, number>): void {
    const steps = Object.entries(counts).map(([id, count]) => step(id, { state: 'success', lines: count }))
    this.change({ state: 'success', logs: 'complete', steps })
  }
}

async function follow(store: Store, options: FollowOptions = {}) {
  const { port } = connectTo(store.script)
  const client = await openClient(port)
  const got: string[] = []
  const run = async () => {
    const parts = followLogs(client, 'w1', options)
    for (;;) {
      const next = await parts.next()
      if (next.done) return next.value
      const { part } = next.value
      got.push(
        ...(part.kind === 'lines' ? part.text.trimEnd().split('\n') : [`${part.stepId} gap ${part.from}-${part.to}`]),
      )
    }
  }
  const ended = run()
  ended.catch(() => {})
  await settle()
  return { got, ended }
}

describe('followLogs', () => {
  test('goes from what is stored to what comes, and ends with the workflow', async () => {
    const store = new Store()
    store.append(lines('s1', 1, 2))
    const { got, ended } = await follow(store)
    store.append(lines('s1', 3, 3))
    await settle()
    expect(got).toEqual(['s1:1', 's1:2', 's1:3'])
    store.append(lines('s1', 4, 4))
    store.finish({ s1: 4 })
    expect((await ended)?.state).toBe('success')
    expect(got).toEqual(['s1:1', 's1:2', 's1:3', 's1:4'])
  })

  test('reads again what was missed, and no line twice', async () => {
    const store = new Store()
    const { got, ended } = await follow(store)
    store.append(lines('s1', 1, 2))
    store.append(lines('s1', 3, 4), false)
    store.missed()
    store.append(lines('s1', 5, 5))
    store.finish({ s1: 5 })
    await ended
    expect(got).toEqual(['s1:1', 's1:2', 's1:3', 's1:4', 's1:5'])
  })

  test('reads at the end what nobody announced', async () => {
    const store = new Store()
    const { got, ended } = await follow(store)
    store.append(lines('s1', 1, 2), false)
    store.finish({ s1: 2 })
    await ended
    expect(got).toEqual(['s1:1', 's1:2'])
  })

  test('ends though the server counts lines that it does not have', async () => {
    const store = new Store()
    const { got, ended } = await follow(store)
    store.append(lines('s1', 1, 1))
    store.change({ state: 'failure', logs: 'incomplete', steps: [step('s1', { lines: 7 })] })
    expect((await ended)?.logs).toBe('incomplete')
    expect(got).toEqual(['s1:1'])
  })

  test('shows gaps', async () => {
    const store = new Store()
    const { got, ended } = await follow(store)
    store.append({ kind: 'gap', lease: 'lease-1', stepId: 's1', from: 1, to: 5, reason: 'spool full' })
    store.append(lines('s1', 6, 6))
    store.finish({ s1: 6 })
    await ended
    expect(got).toEqual(['s1 gap 1-5', 's1:6'])
  })

  test('goes on with the next attempt when one is lost', async () => {
    const store = new Store()
    const { got, ended } = await follow(store)
    store.append(lines('s1', 1, 2))
    store.change({ attempt: 2, state: 'running' })
    store.append(lines('s1', 1, 1, 'lease-2'), true, 2)
    store.append(lines('s1', 3, 3), true, 1)
    store.append(lines('s1', 2, 2, 'lease-2'), true, 2)
    store.finish({ s1: 2 })
    await ended
    expect(got).toEqual(['s1:1', 's1:2', 's1:1', 's1:2'])
  })

  test('of one attempt ends with what that wrote', async () => {
    const store = new Store()
    store.append(lines('s1', 1, 4), false)
    store.change({ attempt: 2 })
    const { got, ended } = await follow(store, { attempt: 1 })
    await ended
    expect(got).toEqual(['s1:1', 's1:2', 's1:3', 's1:4'])
  })

  test('waits for late lines of an ended workflow, but not for ever', async () => {
    const clock = new FakeClock()
    const store = new Store()
    const { got, ended } = await follow(store, { clock, settleMs: 5000 })
    store.change({ state: 'failure', logs: 'open' })
    await clock.advance(4000)
    store.append(lines('s1', 1, 1))
    await clock.advance(4999)
    expect(got).toEqual(['s1:1'])
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect((await ended)?.logs).toBe('open')
    expect(clock.pending).toBe(0)
  })

  test('ends at once for one that was never run', async () => {
    const store = new Store()
    store.detail = workflow({ state: 'canceled', attempt: 0, logs: 'open' })
    expect((await (await follow(store)).ended)?.state).toBe('canceled')
  })

  test('rejects for an id that is not known, and when told to stop it stops', async () => {
    const unknown = connectTo({ subscribe: () => Promise.reject(new BusError('not_found', 'no workflow w1')) })
    const client = await openClient(unknown.port)
    await expect(followLogs(client, 'w1').next()).rejects.toMatchObject({ code: 'not_found' })

    const stop = new AbortController()
    const { ended } = await follow(new Store(), { signal: stop.signal })
    stop.abort()
    expect((await ended)?.state).toBe('running')
  })

  test('gives every line once and in order, however history and live parts interleave', async () => {
    const action = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          step: fc.constantFrom('s1', 's2'),
          count: fc.integer({ min: 1, max: 4 }),
          loud: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.constant('missed' as const) },
      { weight: 2, arbitrary: fc.constant('settle' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), fc.nat(10), async (actions, before) => {
        const store = new Store()
        const counts: Record<string, number> = { s1: 0, s2: 0 }
        const append = (id: string, count: number, loud: boolean) => {
          const from = (counts[id] ?? 0) + 1
          counts[id] = from + count - 1
          store.append(lines(id, from, from + count - 1), loud)
        }
        for (let part = 0; part < before; part++) append('s1', 1, false)
        const { got, ended } = await follow(store)
        for (const act of actions) {
          if (act === 'missed') store.missed()
          else if (act === 'settle') await settle()
          else append(act.step, act.count, act.loud)
        }
        store.finish(counts)
        await ended
        for (const [id, count] of Object.entries(counts)) {
          const expected = Array.from({ length: count }, (_, index) => `${id}:${index + 1}`)
          expect(got.filter((line) => line.startsWith(`${id}:`))).toEqual(expected)
        }
      }),
      { numRuns: 100 },
    )
  })
})
