import type { Clock, Log } from '../protocol/index.ts'

/** Says once that there is no connection, however often it is tried, and once that there is one again. */
export class Outage {
  readonly #clock: Clock
  readonly #log: Log
  readonly #url: string
  #now: { since: number; slow: boolean } | undefined

  constructor(clock: Clock, log: Log, url: URL) {
    this.#clock = clock
    this.#log = log
    this.#url = url.href
  }

  note(code: number, reason: string, slow: boolean): void {
    const news = this.#now === undefined || (slow && !this.#now.slow)
    this.#now = { since: this.#now?.since ?? this.#clock.monotonic(), slow }
    if (!news) return
    const pace = slow ? 'trying again every 5 to 10 minutes' : 'trying again until there is one'
    this.#log.warn({ url: this.#url, code, reason }, `no connection to the server; ${pace}`)
  }

  end(): void {
    const { url } = { url: this.#url }
    const { since } = this.#now ?? {}
    this.#now = undefined
    if (since === undefined) this.#log.info({ url }, 'connected')
    else this.#log.info({ url, afterMs: Math.round(this.#clock.monotonic() - since) }, 'connected again')
  }
}
