import type { Frame, Log, Role } from '../../../src/protocol/index.ts'
import { silentLog } from '../../../src/protocol/index.ts'
import type { Core } from '../../../src/server/core.ts'
import { Session } from '../../../src/server/session.ts'
import type { Credential } from '../../../src/server/store/store.ts'
import { INFO } from '../../server/support/client.ts'
import { BEGUN, type House, openHouse } from '../../server/support/house.ts'
import { settle } from '../../support/fake-clock.ts'
import { FuzzPort } from './fuzz-port.ts'

/** The states in which a connection can be when something strange comes. */
export const STATES = ['before hello', 'operator', 'subscriber', 'agent', 'agent with a lease', 'draining'] as const
export type State = (typeof STATES)[number]

let boots = 0

/** A server, and connections to it in whatever state a test wants. */
export class Grounds {
  readonly house: House
  /** What the server has logged as a bug of its own. */
  readonly bugs: unknown[] = []
  readonly #core: Core
  readonly #credentials = new Map<Role, Credential>()

  private constructor(house: House) {
    this.house = house
    const error: Log['error'] = (fields, text) => void this.bugs.push([text, fields])
    this.#core = { ...house.core, log: { ...silentLog, error } }
  }

  static async open(): Promise<Grounds> {
    const grounds = new Grounds(await openHouse())
    for (const role of ['admin', 'agent'] as const) {
      grounds.#credentials.set(role, await grounds.house.credential(role))
    }
    return grounds
  }

  /** A connection in this state; what the server has said on the way is forgotten. */
  async connect(state: State): Promise<FuzzPort> {
    const agents = state.startsWith('agent')
    const port = new FuzzPort()
    const session = new Session(this.#core, port, {
      credential: this.#credential(agents ? 'agent' : 'admin'),
      login: null,
      address: '127.0.0.1',
    })
    await settle()
    if (state === 'before hello') return port
    const hello = { type: 'hello', versions: [1], features: [], boot: `fuzz-${++boots}`, dial: 1, claims: [] }
    say(port, agents ? { ...hello, agent: { ...INFO, name: `fuzz-${boots}` } } : hello)
    await settle()
    if (state === 'subscriber') {
      for (const topic of ['workflows', 'agents', 'queue']) ask(port, 'subscribe', { subscription: topic, topic })
    }
    if (state === 'agent with a lease') await this.#lease(port)
    if (state === 'draining') session.bye(3_600_000, 'the server is going')
    await settle()
    if (port.closed !== undefined) throw new Error(`closed on the way to ${state}: ${JSON.stringify(port.closed)}`)
    port.sent = []
    return port
  }

  async #lease(port: FuzzPort): Promise<void> {
    ask(port, 'next', {})
    await this.house.submit()
    await settle()
    const offer = /"lease":"([^"]+)"/.exec(port.sent.join())?.[1]
    if (offer === undefined) throw new Error(`no offer: ${port.sent.join()}`)
    ask(port, 'init', { lease: offer, state: BEGUN })
    await settle()
  }

  #credential(role: Role): Credential {
    const credential = this.#credentials.get(role)
    if (credential === undefined) throw new Error(`no credential of ${role}`)
    return credential
  }
}

const ids = new WeakMap<FuzzPort, number>()

/** Asks, with an id of its own. */
export function ask(port: FuzzPort, method: string, params: unknown): void {
  const id = (ids.get(port) ?? 0) + 1
  ids.set(port, id)
  say(port, { type: 'request', id, method, params })
}

function say(port: FuzzPort, frame: object): void {
  port.say(JSON.stringify(frame))
}

/** The frames of messages, in order. */
export function framesIn(texts: readonly string[]): Frame[] {
  return texts.flatMap((text) => [JSON.parse(text) as Frame | Frame[]].flat())
}
