import { type Clock, systemClock } from '../protocol/index.ts'
import type { Network } from '../socket/index.ts'
import type { Client } from './client.ts'
import { Outages } from './outages.ts'
import { type Dial, RedialClient } from './redial.ts'
import { socketDial } from './socket-dial.ts'
import { withReasons } from './socket-reasons.ts'

export type { Network } from '../socket/index.ts'
export * from './index.ts'

/** Whom a client dials, and how long it bears their absence. */
export interface DialClientOptions {
  /** Of the server: `https://ci.example.com`, `ws://127.0.0.1:7800` …; the path `/bus` is implied. */
  url: string
  /** An operator's, a viewer's or the admin's. */
  token: string
  /** Whom to trust, and through which proxy. Default: Node's and the machine's roots, and none. */
  network?: Network
  /** Gives up after so many milliseconds without a server, at first and in every outage. Default 10 s; `Infinity` never. */
  giveUpMs?: number
  /** Once there was a connection, an outage may last so many milliseconds. Default `giveUpMs`. */
  outageMs?: number
  /** Told once per outage that a server is missing, and with undefined that it is back. */
  onOutage?: (message: string | undefined) => void
  /** Default: the machine's own. */
  clock?: Clock
  /** Opens connections in place of Node's socket. */
  dial?: Dial
}

/**
 * Dials a server and stays connected: calls and subscriptions outlive a lost connection. Rejects with
 * `BusError('forbidden')` for a credential that the server refuses, `BusError('unavailable')` when there is no server, and
 * a `TypeError` for an address that is none, or a `network` that is no use.
 */
export async function dialClient(options: DialClientOptions): Promise<Client> {
  const { url, token, network, giveUpMs = 10_000, outageMs = giveUpMs, onOutage, clock = systemClock } = options
  const dial = withReasons(options.dial ?? socketDial(url, token, clock, network))
  const watch = onOutage && new Outages(onOutage)
  const client = new RedialClient({ clock, dial, giveUpMs, outageMs, watch })
  await client.ready()
  return client
}
