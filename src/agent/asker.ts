import type { Filter, MethodName, Offer, ParamsOf, ResultOf } from '../protocol/index.ts'
import { BusError } from '../protocol/index.ts'
import type { Core } from './core.ts'
import { pause, unlessAborted } from './pause.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 20_000

/** Calls that die with their connection, and are asked again on the next one. */
export class Asker {
  readonly #core: Core
  readonly #inherited: Promise<void> | undefined

  /** `inherited` resolves once every result of a dead predecessor is told. */
  constructor(core: Core, inherited: Promise<void> | undefined) {
    this.#core = core
    this.#inherited = inherited
  }

  /** Asks until there is an answer. Aborted: rejects with `BusError('canceled')`. */
  async ask<M extends MethodName>(method: M, params: ParamsOf<M>, signal?: AbortSignal): Promise<ResultOf<M>> {
    for (;;) {
      const session = await this.#core.link.whenReady(signal)
      if (session === null) throw new BusError('canceled', 'given up by the caller')
      const { channel } = session
      try {
        return await unlessAborted(channel.call(method, params), signal, () => {
          throw new BusError('canceled', 'given up by the caller', { outcome: 'unknown' })
        })
      } catch (error) {
        if (!channel.closed || signal?.aborted) throw error
      }
    }
  }

  /** Waits for work, once all results of a dead predecessor are told. Aborted: null, and an offer that crosses the abort is given back. */
  async next(filter: Filter, signal: AbortSignal | undefined): Promise<Offer | null> {
    if (this.#inherited !== undefined) await unlessAborted(this.#inherited, signal, () => {})
    const params = filter.labels === undefined ? {} : { labels: filter.labels }
    for (let refusals = 0; ; ) {
      const session = await this.#core.link.whenReady(signal)
      if (session === null) return null
      const { channel } = session
      try {
        const offer = await channel.call('next', params, signal === undefined ? {} : { signal })
        if (offer !== null && this.#keeps(offer, signal)) return offer
        if (signal?.aborted) return null
        refusals = 0
      } catch (error) {
        if (signal?.aborted) return null
        if (channel.closed) continue
        if (!(error instanceof BusError) || error.retry !== 'later') throw error
        const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** refusals++)
        await pause(this.#core.clock, error.retryAfterMs ?? backoff, signal)
      }
    }
  }

  /** Gives an offer back. One that has lapsed, or whose connection is gone, needs no giving back. */
  async decline(lease: string, reason: string): Promise<void> {
    this.#core.leases.declined(lease)
    const channel = this.#core.link.session?.channel
    if (channel === undefined) return
    try {
      await channel.call('decline', { lease, reason: reason.slice(0, 1024) })
    } catch (error) {
      const lapsed = error instanceof BusError && error.code === 'stale_lease'
      if (!channel.closed && !lapsed) throw error
    }
  }

  /** Renews now. Rejects with `LeaseLost` when this lease is gone. */
  async extend(lease: string, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      this.#core.leases.ours(lease)
      const session = await this.#core.link.whenReady(signal)
      if (session === null) throw new BusError('canceled', 'given up by the caller')
      try {
        await unlessAborted(this.#core.keeper.extend(), signal, () => {
          throw new BusError('canceled', 'given up by the caller')
        })
        this.#core.leases.ours(lease)
        return
      } catch (error) {
        if (!session.channel.closed || signal?.aborted) throw error
      }
    }
  }

  #keeps(offer: Offer, signal: AbortSignal | undefined): boolean {
    const why = signal?.aborted
      ? 'the agent takes no more work'
      : this.#core.leases.fits(offer)
        ? undefined
        : 'the agent holds too much to claim this as well'
    if (why === undefined) {
      this.#core.leases.offered(offer)
      return true
    }
    this.decline(offer.lease, why).catch((error: unknown) => {
      this.#core.log.warn({ lease: offer.lease, error: String(error) }, 'an offer could not be given back')
    })
    return false
  }
}
