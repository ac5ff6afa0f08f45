// A server with a thousand running workflows, each of which waits for its cancel.
import { dialClient } from '../dist/client/node.js'
import { startAgents, startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

export const EACH = 100
export const RUNNING = 1_000
const AGENTS = 8

const idleWork = () => workflow({ labels: { kind: 'idle' } })

/** A thousand workflows run; those that are cancelled are replaced. */
class Fleet {
  #client
  #running = []
  #waiting = new Map()

  constructor(client, child) {
    this.#client = client
    child.on('message', ({ id, at }) => this.#waiting.get(id)?.(at))
  }

  async fill() {
    while (this.#running.length < RUNNING) {
      const workflows = Array.from({ length: Math.min(100, RUNNING - this.#running.length) }, idleWork)
      const answer = await this.#client.call('submit', { workflows, secrets: {} })
      this.#running.push(...answer.workflows.map(({ id }) => id))
    }
    for (;;) {
      const { workflows } = await this.#client.call('list', { state: ['pending', 'offered'], labels: { kind: 'idle' } })
      if (workflows.length === 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async cancel() {
    const id = this.#running.shift()
    const stopped = new Promise((resolve) => this.#waiting.set(id, resolve))
    const asked = Number(process.hrtime.bigint()) / 1e6
    await this.#client.call('cancel', { ids: [id], reason: 'bench' })
    return (await stopped) - asked
  }

  async round() {
    await this.fill()
    const took = []
    for (let n = 0; n < EACH; n++) took.push(await this.cancel())
    return took
  }
}

/** Starts all of it; `close` ends it. */
export async function openFleet() {
  const server = await startPeer('drumline')
  const client = await dialClient(server)
  const { token } = await client.call('token.create', { role: 'agent' })
  const idle = await startAgents({ ...server, token, kind: 'idle', agents: AGENTS, capacity: RUNNING / AGENTS })
  const close = async () => {
    await idle.stop()
    await client.close()
    await server.stop()
  }
  return { server, client, token, fleet: new Fleet(client, idle.child), close }
}
