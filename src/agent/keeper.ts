import type { Channel, Clock, Log } from '../protocol/index.ts'
import type { Attempt } from './attempt.ts'
import { extendEvery } from './fence.ts'
import type { Leases } from './leases.ts'
import { momentOf } from './moment.ts'

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

  constructor(clock: Clock, log: Log, leases: Leases) {
    this.#clock = clock
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

  #look(): void {
    const now = momentOf(this.#clock)
    for (const attempt of this.#leases.overdue(now)) this.#fence(attempt)
    if (this.#untilExtend() <= 0) this.extendSoon()
    this.rearm()
  }

  #fence(attempt: Attempt): void {
    const { lease } = attempt
    const seconds = Math.round(attempt.fence.stopAfterMs / 1000)
    this.#log.warn(
      { lease },
      `no answer from the server for ${seconds} s: the work is stopped before others may start it`,
    )
    this.#leases.lose(attempt, 'given-up', 'no answer from the server in time')
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
