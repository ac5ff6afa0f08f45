import { LOGS } from '../../protocol/index.ts'

/** Log bytes this server has received and not yet stored or dropped, for all agents together. */
export class LogMemory {
  #used = 0
  readonly #most: number

  constructor(most: number = LOGS.serverBytes) {
    this.#most = most
  }

  get used(): number {
    return this.#used
  }

  /** Half is in use: the other half is for what was already granted and is still on its way. */
  get short(): boolean {
    return this.#used > this.#most / 2
  }

  take(bytes: number): void {
    this.#used += bytes
  }

  release(bytes: number): void {
    this.#used -= bytes
  }
}
