import type { Channel, Clock, Log } from '../protocol/index.ts'
import type { Attempt } from './attempt.ts'
import { extendEvery } from './fence.ts'
import type { Leases } from './leases.ts'
import { elapsed, type Moment, momentOf } from './moment.ts'

/** A sleeping machine's timers sleep too: look at the wall clock at least this often. */
const LOOK_MS = 1_000
const LEAST_MS = 10

/** Keeps leases alive while there is a connection, and ends the work of those it could not keep. Owns one timer. */
export class Keeper {
  readonly #clock: Clock
  readonly #log: Log
  readonly #leases: Leases
  #channel: Channel | undefined
  #lastExtend = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined
  /** When it was last seen to whether anything is overdue. */
  #looked: Moment

  constructor(clock: Clock, log: Log, leases: Leases) {
    this.#clock = clock
    this.#looked = momentOf(clock)
    this.#log = log
    this.#leases = leases
  }

  /** The hello that was sent `at` has renewed everything. */
  connect(channel: Channel, at: number): void {
    this.#channel = channel
    this.#lastExtend = at
    this.rearm()
  }

  disconnect(): void {
    this.#channel = undefined
    this.rearm()
  }

  close(): void {
    this.#channel = undefined
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Leases came or went: the next look may be due earlier, or never. */
  rearm(): void {
    this.#cancel?.()
    const ms = this.#untilNext()
    this.#cancel = Number.isFinite(ms) ? this.#clock.after(ms, () => this.#look()) : undefined
  }

  /** Renews all leases now and acts on the verdicts. Rejects with what the call rejects with. */
  async extend(): Promise<void> {
    const channel = this.#channel
    const asked = this.#leases.held().map((attempt) => ({ attempt, phase: attempt.phase }))
    if (channel === undefined || asked.length === 0) return
    const since = momentOf(this.#clock)
    this.#lastExtend = since.monotonic
    const leases = asked.map(({ attempt, phase }) => ({ lease: attempt.lease, phase }))
    const { claims } = await channel.call('extend', { leases })
    const words = new Map(claims.map(({ lease, verdict }) => [lease, verdict]))
    for (const { attempt, phase } of asked) {
      const verdict = words.get(attempt.lease)
      if (verdict !== undefined) this.#leases.judge(attempt, verdict, phase, since)
    }
  }

  /** `extend`, for those who do not wait: the next one comes soon. */
  extendSoon(): void {
    const channel = this.#channel
    this.extend().catch((error: unknown) => {
      if (channel?.closed === false) this.#log.warn({ error: String(error) }, 'the leases were not renewed')
    })
  }

  /** `fence`, if nobody has looked for so long that this process must have been suspended. */
  wake(): boolean {
    return elapsed(this.#looked, momentOf(this.#clock)) > LOOK_MS && this.fence()
  }

  /** Ends the work of leases whose time is over now. Answers whether there were any. */
  fence(): boolean {
    const now = momentOf(this.#clock)
    this.#looked = now
    const overdue = this.#leases.overdue(now)
    for (const attempt of overdue) this.#fence(attempt, now)
    return overdue.length > 0
  }

  #look(): void {
    this.fence()
    if (this.#untilExtend() <= 0) this.extendSoon()
    this.rearm()
  }

  #fence(attempt: Attempt, now: Moment): void {
    const { lease, renewed } = attempt
    const { stopAfterMs, graceMs } = attempt.fence
    const passed = elapsed(renewed, now)
    const seconds = Math.round(passed / 1000)
    this.#log.warn(
      { lease },
      `no answer from the server for ${seconds} s: the work is stopped before others may start it`,
    )
    // Whoever wakes up late has no time left to ask politely.
    const left = Math.max(0, stopAfterMs + graceMs - passed)
    this.#leases.lose(attempt, 'given-up', 'no answer from the server in time', left)
    // Accepted, but the caller had gone: there is no work to wait for.
    if (attempt.settled) this.#leases.settle(attempt, 'fenced')
  }

  #untilNext(): number {
    const held = Math.min(this.#untilExtend(), this.#leases.untilOverdue(momentOf(this.#clock)))
    return Number.isFinite(held) ? Math.max(LEAST_MS, Math.min(LOOK_MS, held)) : held
  }

  #untilExtend(): number {
    if (this.#channel === undefined) return Number.POSITIVE_INFINITY
    const every = this.#leases.held().map(({ offer }) => extendEvery(offer.ttlMs))
    return Math.min(...every) + this.#lastExtend - this.#clock.monotonic()
  }
}
