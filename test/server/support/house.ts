import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nanoid } from 'nanoid'
import { onTestFinished } from 'vitest'
import {
  type AgentInfo,
  LEASE,
  type Offer,
  type Role,
  silentLog,
  type WorkflowDetail,
  type WorkflowSpec,
  workflowSpec,
} from '../../../src/protocol/index.ts'
import { assemble, tellSwept } from '../../../src/server/assemble.ts'
import type { Core } from '../../../src/server/core.ts'
import { AdminToken } from '../../../src/server/files/admin-token.ts'
import { type LocalPeer, openPeer } from '../../../src/server/peer/index.ts'
import { Session } from '../../../src/server/session.ts'
import type { Login } from '../../../src/server/store/login-store.ts'
import { openSqlite } from '../../../src/server/store/sqlite/index.ts'
import type { Credential, Store } from '../../../src/server/store/store.ts'
import { timingsOf } from '../../../src/server/timings.ts'
import { tokenHash } from '../../../src/server/tokens.ts'
import { Usage } from '../../../src/server/usage.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { pair } from '../../support/pair.ts'
import { TestClient } from './client.ts'
import { socketOf } from './socket.ts'

export const BEGUN = { started: 1, finished: 0, error: '', canceled: false }

/** A server without a port, over a real store and a clock that the test moves. */
export class House {
  readonly clock: FakeClock
  readonly core: Core
  /** The store as the server sees it; a test may have it wrapped. */
  readonly store: Store
  /** Its database. */
  readonly file: string
  /** Not started by itself: its timer would be in the way of those a test counts. */
  readonly usage: Usage

  constructor(clock: FakeClock, core: Core, file: string) {
    this.file = file
    this.clock = clock
    this.core = core
    this.store = core.store
    this.usage = new Usage(core)
  }

  async credential(role: Role, name: string = role): Promise<Credential> {
    return this.store.createCredential({ role, name, labels: {}, tokenHash: tokenHash(`${role} ${name}`) })
  }

  /** Whose token this is. */
  async bearer(token: string): Promise<Credential> {
    const credential = await this.store.findCredential(tokenHash(token))
    if (credential === null) throw new Error('this token is not known, or not any more')
    return credential
  }

  /** As a machine; with a login as its page. */
  connect(credential: Credential, login: Login | null = null): TestClient {
    const [near, far] = pair()
    const server = socketOf(far)
    const client = new TestClient(near, server, this.clock)
    new Session(this.core, server, { credential, login, address: '192.0.2.1' })
    return client
  }

  async operator(): Promise<TestClient> {
    const client = this.connect(await this.credential('admin'))
    client.hello()
    await client.frame('welcome')
    return client
  }

  /** An agent in the server's own process. */
  peer(info: AgentInfo): Promise<LocalPeer> {
    return openPeer(this.core, info)
  }

  /** Submits one and answers its id. */
  async submit(more: Partial<WorkflowSpec> = {}): Promise<string> {
    const id = nanoid()
    await this.store.submit([{ id, spec: spec(more) }], {})
    return id
  }

  /** Submits one and has the agent accept it. */
  async running(agent: TestClient, more: Partial<WorkflowSpec> = {}): Promise<Offer> {
    const next = agent.call('next', {})
    await this.submit(more)
    const offer = await next
    if (offer === null) throw new Error('no offer')
    await agent.call('init', { lease: offer.lease, state: BEGUN })
    return offer
  }

  async show(id: string): Promise<WorkflowDetail> {
    const workflow = await this.store.get(id)
    if (workflow === null) throw new Error(`no workflow ${id}`)
    return workflow
  }

  async sweep(): Promise<void> {
    tellSwept(this.core, await this.store.sweep())
  }
}

/** Opens one, and closes it with the test. `wrap` may put itself between server and store. */
export async function openHouse(wrap: (store: Store) => Store = (store) => store): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'drumline-server-'))
  const clock = new FakeClock()
  const options = { clock, leaseMs: LEASE.ttlMs, testTimings: false, thread: false }
  const file = join(folder, 'test.db')
  const store = await openSqlite(file, options)
  const timings = timingsOf(LEASE.ttlMs, false)
  const adminToken = new AdminToken(join(folder, 'admin-token'))
  const core = assemble({ store: wrap(store), clock, log: silentLog, timings, adminToken, drain: () => {} })
  await store.sweep()
  await core.dispatcher.start()
  onTestFinished(async () => {
    core.dispatcher.stop()
    core.intents.close()
    for (const connection of core.connections.all()) connection.dismiss(1001, 'the test is over')
    core.pump.close()
    core.feed.close()
    await core.owed.paid()
    await store.close()
    await rm(folder, { recursive: true })
  })
  return new House(clock, core, file)
}

export function spec(more: Partial<WorkflowSpec> = {}): WorkflowSpec {
  return workflowSpec({ name: 'build', steps: [{ name: 'one', commands: ['true'] }], ...more })
}
