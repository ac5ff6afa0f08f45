import { type ReadonlySignal, signal } from '@preact/signals'
import { dialPage, type Link, type PageClient } from '../../client/index.ts'
import { PAGE } from './address.ts'

/** The page's connection: one for everything that is shown. */
export interface Bus extends Pick<PageClient, 'call' | 'subscribe' | 'closed' | 'close' | 'retryNow'> {
  /** How it stands with the server. */
  readonly link: ReadonlySignal<Link>
}

/** Rejects as `dialPage` does: with `retry: 'reauth'` when nobody is logged in. */
export async function openBus(): Promise<Bus> {
  const link = signal<Link>({ state: 'connecting' })
  const onLink = (now: Link) => {
    link.value = now
  }
  return Object.assign(await dialPage({ ...PAGE, onLink }), { link })
}
