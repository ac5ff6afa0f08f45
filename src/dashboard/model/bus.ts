import { type ReadonlySignal, signal } from '@preact/signals'
import { type Client, dialPage } from '../../client/index.ts'
import { PAGE } from './address.ts'

/** How it stands with the server. */
export type Link =
  | { readonly state: 'live' | 'connecting' | 'catching up' }
  /** `since`: when it was heard last; `retryAt`: when it is tried next. Milliseconds since 1970. */
  | { readonly state: 'offline'; readonly reason: string; readonly since: number; readonly retryAt: number | null }

/** The page's connection: one for everything that is shown. */
export interface Bus extends Pick<Client, 'call' | 'subscribe' | 'closed' | 'close'> {
  readonly link: ReadonlySignal<Link>
  /** Does not wait for the time of the next try. */
  retryNow(): void
}

/** Rejects as `dialPage` does: with `retry: 'reauth'` when nobody is logged in. */
export async function openBus(): Promise<Bus> {
  const link = signal<Link>({ state: 'connecting' })
  const client = await dialPage({
    ...PAGE,
    onOutage: (reason) => {
      link.value =
        reason === undefined ? { state: 'live' } : { state: 'offline', reason, since: Date.now(), retryAt: null }
    },
  })
  link.value = { state: 'live' }
  return {
    link,
    call: (method, params, options) => client.call(method, params, options),
    subscribe: (topic, listener) => client.subscribe(topic, listener),
    closed: client.closed,
    close: () => client.close(),
    retryNow: () => {},
  }
}
