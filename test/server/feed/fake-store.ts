import type { Readable } from '../../../src/server/feed/index.ts'
import { agentView, detail } from '../queue/builder.ts'

/** A store of versions, whose reads can be kept waiting. */
export class FakeStore implements Readable {
  readonly versions = new Map<string, number>()
  readonly reads: string[] = []
  gate: Promise<void> = Promise.resolve()
  fails = 0

  async get(id: string) {
    await this.#read(id)
    const version = this.versions.get(id)
    return version === undefined ? null : detail(id, { version })
  }

  async getAgent(id: string) {
    await this.#read(id)
    const version = this.versions.get(id)
    return version === undefined ? null : agentView(id, { version })
  }

  async list({ limit }: { limit: number }) {
    await this.#read(`list ${limit}`)
    return { workflows: [detail('w', { version: 7 })], next: null }
  }

  async listAgents({ limit }: { limit: number }) {
    await this.#read(`agents ${limit}`)
    return { agents: [agentView('one', { version: 7 })], next: null }
  }

  async queueInfo() {
    await this.#read('queue')
    return { version: 7, pending: 1, waiting: 0, offered: 0, running: 0, agents: 0, paused: false }
  }

  async #read(what: string): Promise<void> {
    this.reads.push(what)
    await this.gate
    if (this.fails-- > 0) throw new Error('away')
  }
}
