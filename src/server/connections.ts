import type { Role } from '../protocol/index.ts'
import type { Caller } from './caller.ts'

/** Bytes that passed over sockets. */
export interface Traffic {
  received: number
  sent: number
}

/** A socket of the bus, as it is counted. */
export interface BusSocket {
  readonly role: Role
  traffic(): Traffic
  /** Bytes that wait to leave for it, wherever in this process. */
  unsent(): number
}

/** One socket that was let in, whoever is behind it. */
export interface Connection {
  readonly caller: Caller
  /** Missing for what is connected without the bus: whoever follows a log by HTTP. */
  readonly bus?: BusSocket
  /** Says when to leave; the socket goes at its slot. */
  bye(afterMs: number, reason: string): void
  dismiss(code: number, reason: string): void
}

/** Every open connection of this server. */
export class Connections {
  readonly #open = new Set<Connection>()
  /** Of those that have ended. */
  readonly #past: Traffic = { received: 0, sent: 0 }
  #empty: (() => void)[] = []
  #goodbye: string | undefined

  get size(): number {
    return this.#open.size
  }

  all(): Connection[] {
    return [...this.#open]
  }

  add(connection: Connection): void {
    this.#open.add(connection)
    if (this.#goodbye !== undefined) connection.bye(0, this.#goodbye)
  }

  /** From now on whoever was already let in, but is counted only later, is sent off at once. */
  turnAway(reason: string): void {
    this.#goodbye = reason
  }

  drop(connection: Connection): void {
    if (this.#open.delete(connection)) addTo(this.#past, connection)
    if (this.#open.size > 0) return
    const waiting = this.#empty
    this.#empty = []
    for (const tell of waiting) tell()
  }

  /** Of all sockets that are or were. */
  traffic(): Traffic {
    const sum = { ...this.#past }
    for (const connection of this.#open) addTo(sum, connection)
    return sum
  }

  /** Resolves once nobody is connected. */
  gone(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#empty.push(resolve))
  }

  /** Those that this is true of. */
  dismissWhere(whose: (connection: Connection) => boolean, { code, reason }: { code: number; reason: string }): void {
    for (const connection of this.all()) if (whose(connection)) connection.dismiss(code, reason)
  }
}

function addTo(sum: Traffic, { bus }: Connection): void {
  const { received, sent } = bus?.traffic() ?? { received: 0, sent: 0 }
  sum.received += received
  sum.sent += sent
}
