import { type Clock, LIVENESS } from '../../protocol/index.ts'
import type { Dial } from '../redial.ts'
import { AlivePort } from './alive.ts'
import { ask } from './ask.ts'
import type { Page } from './page.ts'
import { openSocket } from './socket.ts'

/** A page's way to its server: it dials, and knows when something last came. */
export class Line {
  readonly #page: Page
  readonly #clock: Clock
  #port: AlivePort | undefined
  #heard: number

  constructor(page: Page, clock: Clock) {
    this.#page = page
    this.#clock = clock
    this.#heard = clock.now()
  }

  /** Milliseconds since 1970; until something came, when this was made. */
  get heard(): number {
    return this.#heard
  }

  /** Each connection takes a ticket of its own, which is good once. */
  readonly dial: Dial = async (signal) => {
    const given = new AbortController()
    const giveUp = () => given.abort()
    const cancelTimer = this.#clock.after(LIVENESS.welcomeMs, giveUp)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const { ticket } = (await ask(this.#page, 'POST', '/api/ticket', { signal: given.signal })) as { ticket: string }
      const port = new AlivePort(await openSocket(this.#page, given.signal), this.#clock, () => {
        this.#heard = this.#clock.now()
      })
      this.#port = port
      return Object.assign(port, { ticket })
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Asks an open connection whether the server is there, and ends it if no answer comes within seconds. */
  prod(): void {
    this.#port?.prod()
  }
}
