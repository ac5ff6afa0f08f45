import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentInfo, Offer, Peer, StepState, WorkflowDetail, WorkflowSpec } from '../../src/protocol/index.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { RawEnd } from '../support/raw-end.ts'
import { waitUntil } from '../support/wait-until.ts'

export type ClosablePeer = Peer & { close(): Promise<void> }
/** Opens an agent's end on this server. */
export type MakePeer = (bench: Bench, info: AgentInfo) => Promise<ClosablePeer>

/** A server and an operator on it; peers are the suite's own. */
export class Bench {
  readonly server: Server
  readonly operator: RawEnd
  readonly agentToken: string
  readonly #folder: string
  readonly #peers: ClosablePeer[] = []
  readonly #makePeer: MakePeer

  constructor(parts: {
    server: Server
    operator: RawEnd
    agentToken: string
    folder: string
    makePeer: MakePeer
  }) {
    this.server = parts.server
    this.operator = parts.operator
    this.agentToken = parts.agentToken
    this.#folder = parts.folder
    this.#makePeer = parts.makePeer
  }

  static async open(makePeer: MakePeer): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'drumline-contract-'))
    const server = await startServer({ data: folder, port: 0, leaseMs: 30_000 })
    const token = (await readFile(server.adminTokenFile, 'utf8')).trim()
    const operator = await RawEnd.open({ url: server.url, token })
    const { token: agentToken } = await operator.call('token.create', { role: 'agent' })
    return new Bench({ server, operator, agentToken, folder, makePeer })
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) await peer.close()
    await this.operator.close()
    await this.server.close()
    await rm(this.#folder, { recursive: true })
  }

  async peer(more: Partial<AgentInfo> = {}): Promise<ClosablePeer> {
    const peer = await this.#makePeer(this, { ...INFO, ...more })
    this.#peers.push(peer)
    return peer
  }

  async submit(more: Partial<WorkflowSpec> = {}, secrets: Record<string, string> = {}): Promise<string> {
    const { workflows } = await this.operator.call('submit', { workflows: [{ ...SPEC, ...more }], secrets })
    return workflows[0]?.id ?? ''
  }

  async cancel(id: string, reason = 'enough'): Promise<void> {
    await this.operator.call('cancel', { ids: [id], reason })
  }

  show(id: string): Promise<WorkflowDetail> {
    return this.operator.call('get', { id })
  }

  until(id: string, fits: (workflow: WorkflowDetail) => boolean): Promise<WorkflowDetail> {
    const look = async () => {
      const workflow = await this.show(id)
      return fits(workflow) ? workflow : null
    }
    return waitUntil(look, { what: 'the awaited workflow' })
  }

  /** The text of all stored lines, in the order they were stored. */
  async log(id: string): Promise<string> {
    const { parts } = await this.operator.call('logs', { id })
    return parts.map((part) => (part.kind === 'lines' ? part.text : `[gap ${part.from}-${part.to}]`)).join('')
  }

  /** Submits one, and has the peer take it. */
  async taken(peer: Peer, more: Partial<WorkflowSpec> = {}): Promise<Offer> {
    const next = peer.next()
    await this.submit(more)
    const offer = await next
    if (offer === null) throw new Error('no offer')
    return offer
  }

  /** The same, accepted. */
  async running(peer: Peer, more: Partial<WorkflowSpec> = {}): Promise<Offer> {
    const offer = await this.taken(peer, more)
    await peer.init(offer, BEGUN)
    return offer
  }
}

export const INFO: AgentInfo = {
  name: 'anvil',
  version: '1.0.0',
  platform: 'linux/amd64',
  backend: 'test',
  capacity: 4,
  labels: {},
}

const SPEC: WorkflowSpec = {
  name: 'build',
  labels: {},
  environment: {},
  priority: 0,
  timeoutMs: 3_600_000,
  graceMs: 5_000,
  onOutage: 'stop',
  maxAttempts: 3,
  dependsOn: [],
  runsOn: [],
  secrets: [],
  steps: [
    { id: 's1', name: 'one', commands: ['true'] },
    { id: 's2', name: 'two', commands: ['true'] },
  ],
}

const AT = Date.UTC(2030, 0, 1)
export const BEGUN = { started: AT, finished: 0, error: '', canceled: false }
export const ENDED = { started: AT, finished: AT + 1000, error: '', canceled: false }

export function began(stepId: string): StepState {
  return { stepId, state: 'running', started: AT, finished: null, exitCode: null, error: '' }
}

export function ended(stepId: string, exitCode = 0): StepState {
  const state = exitCode === 0 ? 'success' : 'failure'
  return { stepId, state, started: AT, finished: AT + 500, exitCode, error: '' }
}

/** The bench of the running test. */
export type Given = () => Bench

export const CANCELED = { name: 'BusError', code: 'canceled' }
