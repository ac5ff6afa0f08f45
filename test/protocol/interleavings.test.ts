import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BusError, type MethodName, type ServedCall } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { type Ends, framesOf, joined } from './ends.ts'

/** One step of a random life: what the caller, the handler, time or the network does next. */
type Step =
  | { kind: 'call'; method: 'health' | 'next' | 'explain'; timeoutMs: number | undefined }
  | { kind: 'abort' | 'answer' | 'fail'; which: number }
  | { kind: 'advance'; ms: number }
  | { kind: 'hold'; held: boolean; server: boolean }
  | { kind: 'cut' | 'close' | 'settle' }

const which = fc.nat({ max: 30 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      method: fc.constantFrom('health', 'next', 'explain'),
      timeoutMs: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('abort' as const, 'answer' as const, 'fail' as const), which }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), held: fc.boolean(), server: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
)
const last: fc.Arbitrary<Step> = fc.constantFrom<Step>({ kind: 'cut' }, { kind: 'close' }, { kind: 'settle' })

class Life {
  readonly ends: Ends
  readonly aborts: AbortController[] = []
  readonly settled: number[] = []
  readonly open: { call: ServedCall; resolve: (value: unknown) => void; reject: (error: Error) => void }[] = []
  readonly served = new Map<number, number>()

  constructor() {
    this.ends = joined((call) => this.#serve(call), { inFlight: 4 })
  }

  #serve(call: ServedCall): Promise<unknown> {
    this.served.set(call.id, (this.served.get(call.id) ?? 0) + 1)
    return new Promise((resolve, reject) => {
      this.open.push({ call, resolve, reject })
      // Every other handler heeds its signal, as handlers may or may not.
      if (call.id % 2 === 0) call.signal.addEventListener('abort', () => reject(call.signal.reason as Error))
    })
  }

  async do(step: Step): Promise<void> {
    const { client, server, clock } = this.ends
    if (step.kind === 'call') this.#call(step.method, step.timeoutMs)
    else if (step.kind === 'abort') this.aborts[step.which]?.abort()
    else if (step.kind === 'answer') this.#answer(step.which)
    else if (step.kind === 'fail') this.open[step.which]?.reject(new BusError('busy', 'later'))
    else if (step.kind === 'advance') await clock.advance(step.ms)
    else if (step.kind === 'hold') (step.server ? server : client).port.hold(step.held)
    else if (step.kind === 'cut') client.port.cut()
    else if (step.kind === 'close') server.channel.close(4000, 'draining')
    else await settle()
  }

  /** Lets everything come to its end: nothing held, every handler done. */
  async finish(): Promise<void> {
    for (let round = 0; round < 100; round++) {
      this.ends.client.port.hold(false)
      this.ends.server.port.hold(false)
      for (let at = 0; at < this.open.length; at++) this.#answer(at)
      await settle()
    }
    await this.ends.clock.advance(1000)
  }

  #call(method: MethodName, timeoutMs: number | undefined): void {
    const abort = new AbortController()
    const at = this.aborts.push(abort) - 1
    this.settled[at] = 0
    const options = timeoutMs === undefined ? { signal: abort.signal } : { signal: abort.signal, timeoutMs }
    const { channel } = this.ends.client
    const call =
      method === 'explain' ? channel.call(method, { id: 'w' }, options) : channel.call(method as 'health', {}, options)
    const count = () => {
      this.settled[at] = (this.settled[at] ?? 0) + 1
    }
    call.then(count, count)
  }

  #answer(at: number): void {
    const open = this.open[at]
    open?.resolve(open.call.method === 'next' ? null : open.call.method === 'explain' ? { reasons: [] } : {})
  }
}

test('every request gets exactly one answer, whatever aborts, deadlines, closes and cuts come between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), last, async (steps, end) => {
      const life = new Life()
      for (const each of steps) await life.do(each)
      await life.do(end)
      await life.finish()
      const { client, server, clock } = life.ends
      expect(life.settled).toEqual(life.settled.map(() => 1))
      expect([...life.served.values()].every((times) => times === 1)).toBe(true)
      const answered = framesOf(server.port.sent).flatMap((frame) => ('id' in frame ? [frame.id] : []))
      expect(new Set(answered).size).toBe(answered.length)
      if (end.kind === 'settle') {
        const asked = framesOf(client.port.sent).flatMap((frame) => (frame.type === 'request' ? [frame.id] : []))
        expect([...answered].sort((a, b) => a - b)).toEqual(asked)
        expect(client.closes).toEqual([])
      }
      expect(client.channel.openCalls + server.channel.openCalls).toBe(0)
      expect(client.faults.concat(server.faults)).toEqual([])
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 150 },
  )
})
