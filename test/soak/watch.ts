import type { Client } from '../../src/client/node.ts'
import type { Random } from '../support/random.ts'
import { ENDED } from './checks/outcome.ts'
import { Sightings } from './checks/sightings.ts'
import type { Subject } from './evidence.ts'

const EVERY_MS = 300

/** Looks at the server again and again: at what is open, and by chance at what has ended. */
export class Watch {
  readonly sightings = new Sightings()
  readonly #client: Client
  readonly #random: Random
  readonly #open = new Map<string, Subject>()
  readonly #ended: Subject[] = []

  constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  get open(): number {
    return this.#open.size
  }

  get ended(): number {
    return this.#ended.length
  }

  add(subject: Subject): void {
    this.#open.set(subject.id, subject)
  }

  /** Until told to stop. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      for (const subject of [...this.#open.values()]) await this.#look(subject)
      if (this.#ended.length > 0) await this.#look(this.#random.pick(this.#ended))
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }

  async #look(subject: Subject): Promise<void> {
    const found = await this.#client.call('get', { id: subject.id }).catch(() => undefined)
    // One that is missing is found out in the end.
    if (found === undefined) return
    this.sightings.see(found)
    if (ENDED.includes(found.state) && this.#open.delete(subject.id)) this.#ended.push(subject)
  }
}
