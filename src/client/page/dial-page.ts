import { type Clock, systemClock } from '../../protocol/index.ts'
import type { Client } from '../client.ts'
import { RedialClient } from '../redial.ts'
import { Line } from './line.ts'
import { type Link, LinkState } from './link.ts'
import type { Page } from './page.ts'

/** A page that is logged in, and how long it bears the absence of its server. */
export interface DialPageOptions extends Page {
  /** Gives up after so many milliseconds without a server, at first and in every outage. Default: never. */
  giveUpMs?: number
  /** Told how the link stands, from the first `connecting` on and whenever that changes: a page must say that it is stale. Must not throw. */
  onLink?: (link: Link) => void
  /** Default: the machine's own. */
  clock?: Clock
}

/** A page's end of the bus. */
export interface PageClient extends Client {
  /**
   * Ends the wait before the next dial. A connection that stands is asked for a sign of life, and ends when none comes
   * within seconds. Call it when the browser says `online`, and when a page is looked at again.
   */
  retryNow(): void
  /** Milliseconds since 1970: when something last came from the server. */
  heard(): number
}

/**
 * Connects a page that is logged in, and stays connected: calls and subscriptions outlive a lost connection. Rejects with
 * `BusError('forbidden')`, `retry: 'reauth'`, when nobody is logged in. When the login ends later, what is open rejects so
 * too, and `closed` tells 4004: log in and dial anew. A message of a page may have 16 KiB: submit workflows by HTTP.
 */
export async function dialPage(options: DialPageOptions): Promise<PageClient> {
  const client = new DialledPage(options)
  await client.ready()
  return client
}

class DialledPage extends RedialClient implements PageClient {
  readonly #line: Line

  constructor(options: DialPageOptions) {
    const { giveUpMs = Number.POSITIVE_INFINITY, onLink, clock = systemClock } = options
    const line = new Line(options, clock)
    const watch = onLink && new LinkState(clock, () => line.heard, onLink)
    super({ clock, dial: line.dial, giveUpMs, outageMs: giveUpMs, watch })
    this.#line = line
  }

  override retryNow(): void {
    super.retryNow()
    this.#line.prod()
  }

  heard(): number {
    return this.#line.heard
  }
}
