import { get } from 'node:https'
import { type Run, runAgent } from '../../src/agent/index.ts'
import { type Client, dialClient } from '../../src/client/node.ts'
import { workflowSpec } from '../../src/protocol/index.ts'
import type { Server } from '../../src/server/index.ts'
import { dial, type Network } from '../../src/socket/index.ts'
import { waitUntil } from '../support/wait-until.ts'
import { ProxiedPage } from './page.ts'

interface Way {
  server: Server
  /** Of the proxy, with the prefix if any. */
  url: string
  /** The authority of its certificate. */
  ca: string
  /** The forward proxy before it. */
  proxy?: string
}

/** The way to one server through one proxy, for an agent, a client and a curl. */
export class Through {
  readonly #way: Way
  readonly #ends: (() => unknown)[] = []

  constructor(way: Way) {
    this.#way = way
  }

  get #network(): Network {
    const { ca, proxy } = this.#way
    return proxy === undefined ? { ca } : { ca, proxy }
  }

  /** Ends all that went this way. */
  async close(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()))
  }

  /** An agent that takes the work of this name; `dials` counts how often it had to dial. */
  async agent(name: string, run: Run): Promise<{ dials: () => number }> {
    const { url, server } = this.#way
    let dials = 0
    const { token } = await server.createToken({ role: 'agent' })
    const agent = runAgent({
      url,
      token,
      network: this.#network,
      agent: { name, labels: { pool: name } },
      dial: (to, options) => {
        dials += 1
        return dial(to, options)
      },
      run,
    })
    this.#ends.push(() => agent.stop())
    const client = await this.client()
    const online = async () => (await client.call('agents', {})).agents.some((one) => one.name === name)
    await waitUntil(online, { limitMs: 60_000, what: `${name} online` })
    return { dials: () => dials }
  }

  async client(): Promise<Client> {
    const { url, server } = this.#way
    const { token } = await server.createToken({ role: 'operator' })
    const client = await dialClient({ url, token, network: this.#network, giveUpMs: 60_000 })
    this.#ends.push(() => client.close())
    return client
  }

  page(): ProxiedPage {
    return new ProxiedPage(this.#way.url, this.#way.ca)
  }

  /** Submits a workflow for the agent of this name. */
  async submit(client: Client, name: string): Promise<string> {
    const spec = workflowSpec({ name, labels: { pool: name }, steps: [{ name: 'one' }] })
    const { workflows } = await client.call('submit', { workflows: [spec], secrets: {} })
    return workflows[0]?.id ?? ''
  }

  /** Follows a log as curl does: what has come so far, and whether it has ended. */
  async follow(id: string): Promise<{ text: () => string; ended: () => boolean }> {
    const { url, ca, server } = this.#way
    const { token } = await server.createToken({ role: 'viewer' })
    let text = ''
    let ended = false
    const headers = { authorization: `Bearer ${token}` }
    const request = get(`${url}/api/workflows/${id}/logs?follow=1`, { ca, headers, agent: false }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      answer
        .on('error', () => {})
        .on('close', () => {
          ended = true
        })
    })
    request.on('error', () => {
      ended = true
    })
    this.#ends.push(() => request.destroy())
    return { text: () => text, ended: () => ended }
  }
}
