import type { ReadonlySignal, Signal } from '@preact/signals'
import { dialPage, type Link, type PageClient } from '../../client/index.ts'
import { PAGE } from './address.ts'

/** The page's connection: one for everything that is shown. */
export interface Bus extends Pick<PageClient, 'call' | 'subscribe' | 'closed' | 'close' | 'retryNow'> {
  /** How it stands with the server. */
  readonly link: ReadonlySignal<Link>
}

/** `link` is told how it stands, from the first try on. Rejects as `dialPage` does: with `retry: 'reauth'` when nobody is logged in. */
export async function openBus(link: Signal<Link>): Promise<Bus> {
  const onLink = (now: Link) => {
    link.value = now
  }
  return Object.assign(await dialPage({ ...PAGE, onLink }), { link })
}
