import { type ReadonlySignal, signal } from '@preact/signals'
import { BusError, type Link, logIn, logOut, type Me, type Proof, whoAmI } from '../../client/index.ts'
import { PAGE } from './address.ts'
import { type Bus, openBus } from './bus.ts'
import { Live } from './live.ts'
import { go } from './route.ts'

/** Whether somebody is logged in, and if not, why not. */
export type Login =
  /** `link`: to the bus, which not every way there lets pass. */
  | { readonly state: 'looking'; readonly link: ReadonlySignal<Link> }
  | { readonly state: 'out'; readonly why: string }
  | { readonly state: 'in'; readonly me: Me; readonly bus: Bus; readonly live: Live }

/** Who looks at the page, from the first question to the logout. */
export class Session {
  readonly #login = signal<Login>({ state: 'looking', link: signal<Link>({ state: 'connecting' }) })

  get login(): ReadonlySignal<Login> {
    return this.#login
  }

  /** Takes the code of a one-click link, or the login that the browser has. */
  async start(): Promise<void> {
    const code = takeCode()
    try {
      const me = code === undefined ? await whoAmI(PAGE) : await logIn(PAGE, { code })
      if (me === null) this.#login.value = { state: 'out', why: '' }
      else await this.#enter(me)
    } catch (error) {
      // A link that was used before may be opened by somebody who is logged in.
      const me = code === undefined ? null : await whoAmI(PAGE).catch(() => null)
      if (me !== null) await this.#enter(me)
      else this.#login.value = { state: 'out', why: code === undefined ? wordsOf(error) : USED }
    }
  }

  /** Rejects with `BusError` for a token that is no good. */
  async logIn(proof: Proof): Promise<void> {
    await this.#enter(await logIn(PAGE, proof))
  }

  /** In all tabs of the browser. Rejects with `BusError` without a server: then the cookie is still good. */
  async logOut(): Promise<void> {
    await logOut(PAGE)
    this.#leave('You are logged out.')
  }

  async #enter(me: Me): Promise<void> {
    const link = signal<Link>({ state: 'connecting' })
    this.#login.value = { state: 'looking', link }
    const bus = await openBus(link)
    const live = new Live(bus, seesAll(me))
    this.#login.value = { state: 'in', me, bus, live }
    void bus.closed.then(({ code, reason }) => this.#leave(code === 1000 ? '' : `Your login has ended: ${reason}.`))
  }

  #leave(why: string): void {
    const login = this.#login.value
    if (login.state !== 'in') return
    this.#login.value = { state: 'out', why }
    login.bus.close()
  }
}

const USED = 'The link is no good any more: each works once, for ten minutes. `drumline login` prints another.'

/** What counts the work of everybody is not told to those who see only what carries their labels. */
export function seesAll({ labels }: Me): boolean {
  return Object.keys(labels).length === 0
}

/** The fragment's code, which must not stay in the address. */
function takeCode(): string | undefined {
  const [, code] = /^#code=(.+)$/.exec(location.hash) ?? []
  if (code !== undefined) go('#/', { replace: true })
  return code
}

export function wordsOf(error: unknown): string {
  return error instanceof BusError || error instanceof Error ? error.message : String(error)
}
