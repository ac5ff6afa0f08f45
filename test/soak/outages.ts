import type { World } from './world.ts'

const EVERY_MS = 50

/** How long agents were without a connection, and how often they came back. */
export class Outages {
  readonly #world: World
  readonly #since = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #longest = 0

  constructor(world: World) {
    this.#world = world
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
  }

  get longestMs(): number {
    return Math.round(this.#longest)
  }

  /** Connections beyond each agent's first. */
  get reconnects(): number {
    return this.#world.players.reduce((sum, { proxy }) => sum + proxy.accepted - 1, 0)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    for (const { name, proxy } of this.#world.players) {
      const since = this.#since.get(name)
      if (proxy.open > 0) this.#since.delete(name)
      else if (since === undefined) this.#since.set(name, now)
      else this.#longest = Math.max(this.#longest, now - since)
    }
  }
}
