import type { Client } from '../../client/node.ts'
import type { Style } from '../format.ts'
import { footOf } from './foot.ts'
import { frameOf, type Shown } from './frame.ts'
import { keysOf, press, UNTOUCHED } from './keys.ts'
import { Orders } from './orders.ts'
import { Watch } from './watch.ts'

interface Told {
  /** What is shown is no longer how it stands. */
  changed(): void
  /** Somebody wants to leave, or, with an error, nothing more can be shown. */
  over(error?: unknown): void
}

/** What is shown and what the keys have made of it. */
export class Model {
  readonly #url: string
  readonly #told: Told
  readonly #watch: Watch
  readonly #orders: Orders
  #controls = UNTOUCHED
  #offline: Shown['offline']

  constructor(client: Client, url: string, told: Told) {
    this.#url = url
    this.#told = told
    this.#watch = new Watch(client, { changed: () => told.changed(), broken: (error) => told.over(error) })
    this.#orders = new Orders(client, () => told.changed())
  }

  /** Resolves once all was told that is to be shown. */
  open(): Promise<void> {
    return this.#watch.open()
  }

  /** `why`: undefined once the server is there again. */
  linked(why: string | undefined): void {
    this.#offline = why === undefined ? undefined : { why, since: Date.now() }
    this.#told.changed()
  }

  typed(text: string): void {
    for (const key of keysOf(text)) {
      this.#orders.tidy()
      const { controls, order } = press(this.#controls, key, this.#watch.view())
      this.#controls = controls
      if (order?.kind === 'leave') this.#told.over()
      else if (order !== undefined) void this.#orders.give(order)
    }
    this.#told.changed()
  }

  lines(now: number, style: Style, rows: number): string[] {
    const view = this.#watch.view()
    const foot = footOf(this.#controls, this.#orders.note, style)
    return frameOf(
      { ...view, url: this.#url, offline: this.#offline, chosen: this.#controls.chosen, foot },
      now,
      style,
      rows,
    )
  }
}
