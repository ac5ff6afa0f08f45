/** One socket that was let in, whoever is behind it. */
export interface Connection {
  readonly credentialId: string
  /** Says when to leave; the socket goes at its slot. */
  bye(afterMs: number, reason: string): void
  dismiss(code: number, reason: string): void
}

/** Every open connection of this server. */
export class Connections {
  readonly #open = new Set<Connection>()
  #empty: (() => void)[] = []

  get size(): number {
    return this.#open.size
  }

  all(): Connection[] {
    return [...this.#open]
  }

  add(connection: Connection): void {
    this.#open.add(connection)
  }

  drop(connection: Connection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0) return
    const waiting = this.#empty
    this.#empty = []
    for (const tell of waiting) tell()
  }

  /** Resolves once nobody is connected. */
  gone(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#empty.push(resolve))
  }

  dismissCredential(credentialId: string, code: number, reason: string): void {
    for (const connection of this.all()) {
      if (connection.credentialId === credentialId) connection.dismiss(code, reason)
    }
  }
}
