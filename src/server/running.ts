import {
  type AgentInfo,
  BusError,
  CLOSE,
  type Clock,
  type Log,
  noProbe,
  type ParamsOf,
  type Peer,
  type Probe,
  type ResultOf,
} from '../protocol/index.ts'
import { assemble, tellSwept } from './assemble.ts'
import type { Core } from './core.ts'
import { Drain } from './drain.ts'
import { AdminToken } from './files/admin-token.ts'
import type { DataDirectory } from './files/directory.ts'
import { readTls } from './http/certificate.ts'
import { Door } from './http/door.ts'
import type { Entrance } from './http/entrance.ts'
import { Gate } from './http/gate.ts'
import { type Listening, listen } from './http/listen.ts'
import { roomLimits } from './http/room.ts'
import { issueToken } from './issue-token.ts'
import type { Server, ServerOptions, TlsOptions } from './options.ts'
import { type LocalPeer, openPeer } from './peer/index.ts'
import { Pruner } from './pruner.ts'
import { Session } from './session.ts'
import { StartError } from './start-error.ts'
import { ITSELF } from './store/audit.ts'
import type { Store } from './store/store.ts'
import { Sweeper } from './sweeper.ts'
import type { Timings } from './timings.ts'
import { Usage } from './usage.ts'
import { within } from './within.ts'

/** A store that does not answer so long is not ready. */
const READY_MS = 2_000
/** How long the end waits for a local peer's last lines. */
const FLUSH_MS = 2_000

interface RunningOptions {
  store: Store
  clock: Clock
  log: Log
  timings: Timings
  directory: DataDirectory
  probe?: Probe
}

/** One server: its parts, its port, its end. */
export class RunningServer implements Server {
  readonly adminTokenFile: string
  readonly closed: Promise<void>
  readonly #core: Core
  readonly #sweeper: Sweeper
  readonly #pruner: Pruner
  readonly #usage: Usage
  readonly #directory: DataDirectory
  readonly #peers = new Set<LocalPeer>()
  #state: 'starting' | 'open' | 'draining' | 'closed' = 'starting'
  #listening: Listening | undefined
  #door: Door | undefined
  /** The first that was named. */
  #origin: string | undefined
  #leaving: Drain | undefined
  #draining: Promise<void> | undefined
  #ending: Promise<void> | undefined
  /** Why it had to end, if nobody asked for it. */
  #failure: Error | undefined
  #settleClosed: () => void = () => {}

  constructor({ store, clock, log, timings, directory, probe = noProbe }: RunningOptions) {
    this.#directory = directory
    this.adminTokenFile = directory.adminToken
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = () => (this.#failure === undefined ? resolve() : reject(this.#failure))
    })
    // Whoever does not listen must not die of it.
    this.closed.catch(() => {})
    this.#core = assemble({
      store,
      clock,
      log,
      timings,
      probe,
      adminToken: new AdminToken(this.adminTokenFile),
      drain: () => this.#drainByItself(),
    })
    this.#usage = new Usage(this.#core)
    this.#pruner = new Pruner({ store, clock, log, everyMs: timings.pruneMs })
    this.#sweeper = new Sweeper({
      store,
      clock,
      log,
      everyMs: timings.sweepMs,
      swept: (answer) => tellSwept(this.#core, answer),
      failed: () => this.#core.metrics.store.swept('failed'),
    })
  }

  get port(): number {
    return this.#listening?.port ?? 0
  }

  get url(): string {
    return this.#listening?.url ?? ''
  }

  async start(entrance: Entrance, options: ServerOptions): Promise<void> {
    const core = this.#core
    await core.adminToken.ensure(core.store, options.adminToken)
    // Before anybody is let in: whether the server was away decides on every lease there is.
    await this.#sweeper.start()
    await core.dispatcher.start()
    this.#pruner.start()
    this.#usage.start()
    core.metrics.start()
    core.trend.start()
    const { store, clock, refusals, metrics, log } = core
    const gate = new Gate({ store, clock, refusals, closed: () => this.#refusal() })
    const door = new Door({
      gate,
      pages: entrance.pages,
      trusted: entrance.trusted,
      clock,
      metrics,
      log,
      limits: roomLimits(options),
      enter: (socket, caller, greets) => void new Session(core, socket, caller, greets),
    })
    this.#door = door
    this.#origin = options.origins?.[0]
    const health = { notReady: () => this.#notReady() }
    this.#listening = await listen({ ...entrance, core, gate, door, health })
    this.#state = 'open'
  }

  async peer(info: AgentInfo): Promise<Peer & { close(): Promise<void> }> {
    if (this.#state !== 'open') throw new BusError('draining', `the server is ${this.#state}`)
    const peer = await openPeer(this.#core, info)
    this.#peers.add(peer)
    return peer
  }

  async createToken(ask: ParamsOf<'token.create'>): Promise<ResultOf<'token.create'>> {
    if (this.#state === 'closed') throw new BusError('unavailable', 'the server is closed', { retry: 'never' })
    return issueToken(this.#core.store.as(ITSELF), ask)
  }

  loginLink(): Promise<string> {
    return this.#core.logins.adminLink(this.#origin ?? this.url)
  }

  reloadTls(tls: TlsOptions): void {
    if (this.#listening === undefined) throw new StartError('tls_refused', 'the server does not listen')
    this.#listening.reloadTls(readTls(tls, this.#core.log))
  }

  drain(): Promise<void> {
    this.#draining ??= this.#leave()
    return this.#draining
  }

  close(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  /** The store is gone for good: nothing can be promised any more, so the server ends. */
  fail(error: Error): void {
    const { log } = this.#core
    log.error({ error }, 'the store has failed; the server ends')
    this.#failure ??= error
    this.close().catch((why: unknown) => log.error({ error: why }, 'the end failed too'))
  }

  #refusal(): { message: string; retryAfterS?: number } | undefined {
    if (this.#state === 'open') return undefined
    const message = `the server is ${this.#state}`
    return this.#leaving === undefined ? { message } : { message, retryAfterS: this.#leaving.retryAfterS() }
  }

  async #notReady(): Promise<string | undefined> {
    if (this.#state !== 'open') return `the server is ${this.#state}`
    if (this.#sweeper.trouble !== undefined) return this.#sweeper.trouble
    try {
      await within(this.#core.clock, READY_MS, this.#core.store.findCredential(''))
      return undefined
    } catch (error) {
      return `the store does not answer: ${error instanceof Error ? error.message : 'unknown'}`
    }
  }

  #drainByItself(): void {
    this.drain().catch((error: unknown) => this.#core.log.error({ error }, 'the drain failed'))
  }

  async #leave(): Promise<void> {
    const { connections, dispatcher, timings, clock } = this.#core
    if (this.#state === 'open') this.#state = 'draining'
    dispatcher.stop()
    this.#door?.shut()
    const shortestLease = Math.min(timings.leaseMs, dispatcher.shortestTtl)
    this.#leaving = new Drain({ connections, timings, shortestLease, clock, random: Math.random })
    await this.#leaving.over
    await this.close()
  }

  async #end(): Promise<void> {
    const core = this.#core
    this.#state = 'closed'
    core.dispatcher.stop()
    this.#door?.shut()
    this.#usage.stop()
    core.refusals.flush()
    core.metrics.stop()
    core.trend.stop()
    await this.#sweeper.stop()
    await this.#pruner.stop()
    core.intents.close()
    await Promise.all([...this.#peers].map((peer) => this.#endPeer(peer)))
    for (const connection of core.connections.all()) connection.dismiss(CLOSE.restart, 'the server is going')
    await this.#listening?.close()
    core.pump.close()
    core.feed.close()
    await core.owed.paid()
    await core.store.close()
    await this.#directory.release()
    this.#settleClosed()
  }

  async #endPeer(peer: LocalPeer): Promise<void> {
    try {
      await within(this.#core.clock, FLUSH_MS, peer.close())
    } catch (error) {
      this.#core.log.warn({ error }, 'the last lines of a local peer could not be written')
      peer.dismiss(CLOSE.restart, 'the server is going')
    }
  }
}
