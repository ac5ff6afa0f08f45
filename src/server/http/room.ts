import { DOOR } from '../../protocol/index.ts'
import type { ServerOptions } from '../options.ts'
import type { Credential } from '../store/store.ts'
import { Quota } from './quota.ts'
import type { Refusal } from './refuse.ts'

/** Connections of the bus at a time, from one address and altogether. */
export interface RoomLimits {
  readonly perAddress: number
  readonly total: number
}

/** As asked for, or what fits a fleet behind one router. */
export function roomLimits({ maxConnections, maxConnectionsPerAddress }: Partial<ServerOptions>): RoomLimits {
  return { perAddress: maxConnectionsPerAddress ?? DOOR.perAddress, total: maxConnections ?? DOOR.connections }
}

/** When to come again; to some the half more, so that they do not come together. */
const AGAIN_S = 10

/** How many there is room for. Places are given back as their sockets close. */
export class Room {
  readonly #limits: RoomLimits
  readonly #addresses: Quota
  readonly #holders = new Quota(DOOR.perHolder)
  readonly #unheard = new Quota(DOOR.unheard, DOOR.unheardAll)

  constructor(limits: RoomLimits) {
    this.#limits = limits
    this.#addresses = new Quota(limits.perAddress, limits.total)
  }

  /** For whoever comes from this network, before anything else is known of them. */
  forAddress(network: string): Place {
    const { perAddress, total } = this.#limits
    const full = this.#addresses.full(network)
    if (full === 'each') return tooMany('address', `${perAddress} connections of this address are open already`)
    if (full === 'all') return noRoom(`${total} connections are open already`)
    return this.#addresses.take(network)
  }

  /** For whoever bears this credential. An agent's may serve a fleet. */
  forHolder({ id, role }: Credential): Place {
    if (role === 'agent') return () => {}
    if (this.#holders.full(id) !== undefined)
      return tooMany('holder', `${DOOR.perHolder} connections of this credential are open already`)
    return this.#holders.take(id)
  }

  /** Until it has said hello. */
  forUnheard({ id }: Credential): Place {
    const full = this.#unheard.full(id)
    if (full === 'each') return tooMany('unheard', `${DOOR.unheard} connections of this credential have not said hello`)
    if (full === 'all') return noRoom('too many connections have not said hello', 'unheard')
    return this.#unheard.take(id)
  }
}

/** A place, to be given back; or why there is none. */
export type Place = (() => void) | Refusal

export function isRefusal(place: Place): place is Refusal {
  return typeof place === 'object'
}

function tooMany(reason: NonNullable<Refusal['reason']>, message: string): Refusal {
  return { status: 429, code: 'rate_limited', message, retryAfterS: againS(), reason }
}

function noRoom(message: string, reason: NonNullable<Refusal['reason']> = 'capacity'): Refusal {
  return { status: 503, code: 'busy', message, retryAfterS: againS(), reason }
}

function againS(): number {
  return Math.ceil(AGAIN_S * (1 + Math.random() / 2))
}
