import { type Clock, LIVENESS, systemClock } from '../../protocol/index.ts'
import type { Client } from '../client.ts'
import { type Dial, RedialClient } from '../redial.ts'
import { AlivePort } from './alive.ts'
import { ask } from './ask.ts'
import type { Page } from './page.ts'
import { openSocket } from './socket.ts'

/** A page that is logged in, and how long it bears the absence of its server. */
export interface DialPageOptions extends Page {
  /** Gives up after so many milliseconds without a server, at first and in every outage. Default: never. */
  giveUpMs?: number
  /** Told once per outage that the server is missing, and with undefined that it is back: a page must say that it is stale. */
  onOutage?: (message: string | undefined) => void
  /** Default: the machine's own. */
  clock?: Clock
}

/**
 * Connects a page that is logged in, and stays connected: calls and subscriptions outlive a lost connection. Rejects with
 * `BusError('forbidden')`, `retry: 'reauth'`, when nobody is logged in. When the login ends later, what is open rejects so
 * too, and `closed` tells 4004: log in and dial anew. A message of a page may have 16 KiB: submit workflows by HTTP.
 */
export async function dialPage(options: DialPageOptions): Promise<Client> {
  const { giveUpMs = Number.POSITIVE_INFINITY, onOutage, clock = systemClock } = options
  const dial = pageDial(options, clock)
  const client = new RedialClient({ clock, dial, giveUpMs, outageMs: giveUpMs, onOutage })
  await client.ready()
  return client
}

/** Each connection takes a ticket of its own, which is good once. */
function pageDial(page: Page, clock: Clock): Dial {
  return async (signal) => {
    const given = new AbortController()
    const giveUp = () => given.abort()
    const cancelTimer = clock.after(LIVENESS.welcomeMs, giveUp)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const { ticket } = (await ask(page, 'POST', '/api/ticket', { signal: given.signal })) as { ticket: string }
      return Object.assign(new AlivePort(await openSocket(page, given.signal), clock), { ticket })
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', giveUp)
    }
  }
}
