import type { Clock } from '../../protocol/index.ts'
import type { LinkWatch } from '../link-watch.ts'
import { wordsOf } from './words.ts'

/** How a page and its server stand. What the page shows is true of this moment in `live` alone. */
export type Link =
  /** The first connection is being opened. */
  | { readonly state: 'connecting' }
  /** The server has greeted; not every subscription has gone on yet. */
  | { readonly state: 'catching up' }
  /** What changes is told as it changes. */
  | { readonly state: 'live' }
  | {
      readonly state: 'offline'
      /** For people, such as `the connection was lost`. */
      readonly reason: string
      /** Milliseconds since 1970: when something last came from the server, or the page began to dial. */
      readonly since: number
      /** Milliseconds since 1970: when it is dialled again. Null: right now, or, once `closed` has settled, never. */
      readonly retryAt: number | null
    }

/** Which may follow which. */
const NEXT: Record<Link['state'], readonly Link['state'][]> = {
  connecting: ['catching up', 'offline'],
  'catching up': ['live', 'offline'],
  live: ['offline'],
  offline: ['offline', 'catching up'],
}

/** Turns what a connection meets into states of the link, and tells each. */
export class LinkState implements LinkWatch {
  readonly #clock: Clock
  readonly #heard: () => number
  readonly #onLink: (link: Link) => void
  #link: Link = { state: 'connecting' }

  /** `heard`: when something last came. */
  constructor(clock: Clock, heard: () => number, onLink: (link: Link) => void) {
    this.#clock = clock
    this.#heard = heard
    this.#onLink = onLink
    onLink(this.#link)
  }

  down(why: unknown, againMs: number | null): void {
    const retryAt = againMs === null ? null : Math.ceil(this.#clock.now() + againMs)
    this.#become({ state: 'offline', reason: wordsOf(why), since: this.#heard(), retryAt })
  }

  dialling(): void {
    if (this.#link.state === 'offline') this.#become({ ...this.#link, retryAt: null })
  }

  welcomed(): void {
    this.#become({ state: 'catching up' })
  }

  caughtUp(): void {
    this.#become({ state: 'live' })
  }

  #become(link: Link): void {
    if (!NEXT[this.#link.state].includes(link.state)) throw new Error(`${link.state} after ${this.#link.state}`)
    this.#link = link
    this.#onLink(link)
  }
}
