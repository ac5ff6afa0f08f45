import type { Channel, Clock, LeaseLost, MethodName, ParamsOf, ResultOf } from '../protocol/index.ts'
import { BusError } from '../protocol/index.ts'
import { Deferred } from './deferred.ts'
import { type Moment, momentOf } from './moment.ts'

/** What must arrive, and may arrive twice. */
export type Kept = Extract<MethodName, 'init' | 'update' | 'done'>

/** An answer, and when what it answers was sent. */
export interface Delivered<M extends Kept> {
  readonly result: ResultOf<M>
  readonly since: Moment
}

interface Item {
  readonly lease: string
  readonly method: Kept
  /** Asks once. */
  ask(channel: Channel): Promise<void>
  fail(error: Error): void
  /** Sent on this connection and not answered. */
  flying: boolean
  tries: number
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 20_000
/** An answer that took longer is lost: all three may be sent again on the same connection. */
const ANSWER_MS = 30_000
/** What failed without a reason may have been a bug of the moment; all three may be repeated safely. */
const INTERNAL_TRIES = 5

/**
 * `init`, `update` and `done` on their way: kept until answered, and sent again in order on each new connection before
 * anything new. Owns the timers of what is to be tried later.
 */
export class Pending {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #items = new Set<Item>()
  readonly #waits = new Map<Item, () => void>()
  #channel: Channel | undefined

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  get empty(): boolean {
    return this.#items.size === 0
  }

  /**
   * Delivers, however many connections it takes. Rejects with what the server answered for good, or with the lease, whose
   * time to live is `ttlMs`.
   */
  deliver<M extends Kept>(method: M, params: ParamsOf<M> & { lease: string }, ttlMs: number): Promise<Delivered<M>> {
    const answer = new Deferred<Delivered<M>>()
    const timeoutMs = Math.min(ANSWER_MS, Math.ceil(ttlMs / 4))
    const item: Item = {
      lease: params.lease,
      method,
      ask: async (channel) => {
        const since = momentOf(this.#clock)
        const result = await channel.call(method, params, { timeoutMs })
        answer.resolve({ result, since })
      },
      fail: (error) => answer.reject(error),
      flying: false,
      tries: 0,
    }
    this.#items.add(item)
    this.#fly(item.lease)
    return answer.promise
  }

  /** A new connection: everything unanswered leaves first, oldest first. */
  connect(channel: Channel): void {
    this.#channel = channel
    for (const lease of new Set([...this.#items].map((item) => item.lease))) this.#cancelWaits(lease)
    for (const item of this.#items) this.#send(item, channel)
  }

  disconnect(): void {
    this.#channel = undefined
    for (const item of this.#items) {
      item.flying = false
      item.tries = 0
      this.#cancelWait(item)
    }
  }

  /** The lease is gone: nothing of it is told any more. */
  drop(lease: string, error: LeaseLost): void {
    for (const item of this.#items) if (item.lease === lease) this.#fail(item, error)
  }

  /** The server says by other means that `done` has arrived. */
  answered(lease: string, error: BusError): void {
    for (const item of this.#items) if (item.lease === lease) this.#fail(item, error)
  }

  close(error: Error): void {
    for (const item of this.#items) this.#fail(item, error)
    this.#channel = undefined
  }

  /** Sends what a lease has to say, in order, up to the first that must wait. */
  #fly(lease: string): void {
    const channel = this.#channel
    if (channel === undefined) return
    for (const item of this.#items) {
      if (item.lease !== lease) continue
      if (this.#waits.has(item)) return
      if (!item.flying) this.#send(item, channel)
    }
  }

  #send(item: Item, channel: Channel): void {
    item.flying = true
    item.ask(channel).then(
      () => this.#items.delete(item),
      (error: unknown) => this.#refused(item, channel, error),
    )
  }

  #refused(item: Item, channel: Channel, error: unknown): void {
    // Cut off, or void by now: the next connection decides.
    if (channel !== this.#channel || channel.closed || !this.#items.has(item)) return
    item.flying = false
    if (!(error instanceof BusError)) this.#fail(item, asError(error))
    else if (isWorthRepeating(error, item.tries)) this.#later(item, error)
    else this.#fail(item, error)
  }

  #later(item: Item, error: BusError): void {
    const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** item.tries++) * (0.5 + this.#random() / 2)
    const cancel = this.#clock.after(error.retryAfterMs ?? backoff, () => {
      this.#waits.delete(item)
      this.#fly(item.lease)
    })
    this.#waits.set(item, cancel)
  }

  #fail(item: Item, error: Error): void {
    this.#cancelWait(item)
    this.#items.delete(item)
    item.fail(error)
  }

  #cancelWaits(lease: string): void {
    for (const item of this.#items) if (item.lease === lease) this.#cancelWait(item)
  }

  #cancelWait(item: Item): void {
    this.#waits.get(item)?.()
    this.#waits.delete(item)
  }
}

function isWorthRepeating(error: BusError, tries: number): boolean {
  if (error.retry === 'later') return true
  return error.code === 'internal' && tries < INTERNAL_TRIES
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
