import { nanoid } from 'nanoid'
import type {
  Accepted,
  AgentInfo,
  CallOptions,
  Ended,
  Filter,
  LogEntry,
  Offer,
  StepState,
  Version,
  Work,
  WorkflowState,
} from '../protocol/index.ts'
import { BusError, noProbe, silentLog, systemClock } from '../protocol/index.ts'
import { busUrl, checkNetwork, dial } from '../socket/index.ts'
import { agentInfo } from './agent-info.ts'
import type { AgentPeer, ConnectOptions } from './agent-peer.ts'
import type { StateName } from './agent-state.ts'
import { Asker } from './asker.ts'
import type { Attempt } from './attempt.ts'
import { Core } from './core.ts'
import { inherit } from './inherit.ts'
import type { Journal } from './journal/journal.ts'
import { maskOf } from './logs/mask.ts'
import { unlessAborted } from './pause.ts'
import { finish } from './result.ts'

/**
 * Dials at once, and again whenever the connection is lost, until `close()` or until the server refuses for good. Throws a
 * `TypeError` if `url` is no address, or `network` or `agent` is not acceptable.
 */
export function connect(options: ConnectOptions): AgentPeer {
  const { token, network = {}, clock = systemClock, log = silentLog, random = Math.random } = options
  const { journal, guardian, probe = noProbe } = options
  const boot = journal?.boot ?? nanoid()
  const url = busUrl(options.url)
  checkNetwork(url, network)
  const link = { url, token, network, boot, clock, log, dial: options.dial ?? dial, random }
  const info = { ...agentInfo(options.agent, journal?.suffix), ...lasting(journal) }
  const core = new Core(link, info, { probe, journal, guardian, room: options.spool })
  const inherited = journal && inherit(core, journal)
  core.link.start()
  return new BusPeer(core, inherited)
}

/** Whoever keeps a journal comes back as itself. */
function lasting(journal: Journal | undefined): { durable?: boolean } {
  return journal === undefined ? {} : { durable: true }
}

class BusPeer implements AgentPeer {
  readonly #core: Core
  readonly #asker: Asker

  constructor(core: Core, inherited: Promise<void> | undefined) {
    this.#core = core
    this.#asker = new Asker(core, inherited)
  }

  get state(): StateName {
    return this.#core.link.state.name
  }

  get info(): AgentInfo {
    return this.#core.info
  }

  async ready(): Promise<void> {
    await this.#core.link.whenReady()
  }

  delivered({ signal }: CallOptions = {}): Promise<void> {
    return this.#core.delivered(signal)
  }

  async close(): Promise<void> {
    this.#core.close()
  }

  onState(listener: (state: StateName, error: Error | undefined) => void): () => void {
    return this.#core.link.listen((state) => listener(state.name, state.name === 'stopped' ? state.error : undefined))
  }

  version(options: CallOptions = {}): Promise<Version> {
    return this.#asker.ask('version', {}, options.signal)
  }

  next(filter: Filter = {}, options: CallOptions = {}): Promise<Offer | null> {
    return this.#asker.next(filter, options.signal)
  }

  decline(work: Work, reason: string): Promise<void> {
    return this.#asker.decline(work.lease, reason)
  }

  async init(work: Work, state: WorkflowState, { signal }: CallOptions = {}): Promise<Accepted> {
    this.#assertOpen()
    const attempt = this.#core.leases.accepting(work.lease)
    return unlessAborted(this.#accept(attempt, state), signal, () => {
      // Nobody will run it: it is not extended, and ends by `done` or by its time.
      attempt.settled = true
      throw canceled()
    })
  }

  async wait(work: Work, { signal }: CallOptions = {}): Promise<Ended> {
    const attempt = this.#core.leases.get(work.lease)
    if (attempt === undefined) return this.#core.leases.howItEnded(work.lease)
    const tell = (): void => this.#core.orders.told(attempt)
    const ended = attempt.ended.then(
      (how) => {
        if (how.canceled) tell()
        return how
      },
      (error: unknown) => {
        tell()
        throw error
      },
    )
    return unlessAborted(ended, signal, () => ({ canceled: false, aborted: true }))
  }

  async update(work: Work, step: StepState, { signal }: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    // A step of an agent that was stopped may have been ended by the guardian: that is no outcome of the step.
    this.#core.keeper.fence()
    const attempt = this.#core.leases.ours(work.lease)
    if (!attempt.hasStep(step.stepId)) throw new BusError('bad_request', `the workflow has no step ${step.stepId}`)
    const report = attempt.report(step, this.#core.clock.monotonic())
    const delivery = this.#core.deliver(attempt, 'update', { lease: work.lease, ...report })
    // The result has overtaken it, and said the same.
    const known = (error: unknown): void => {
      if (attempt.hold !== 'closed' || attempt.lost !== undefined) throw error
    }
    return unlessAborted(
      delivery.then(() => {}, known),
      signal,
      () => {
        throw canceled()
      },
    )
  }

  enqueueLog(work: Work, entry: LogEntry): void {
    const attempt = this.#core.leases.get(work.lease)
    // Lines after the result would not be counted in it.
    if (attempt === undefined || attempt.phase === 'done' || attempt.phase === 'fenced') return
    if (!attempt.hasStep(entry.stepId)) {
      this.#core.log.warn(
        { lease: work.lease, stepId: entry.stepId },
        'lines of a step that the workflow does not have',
      )
      return
    }
    const ms = entry.ms ?? attempt.stepMs(entry.stepId, this.#core.clock.monotonic())
    this.#core.spool.write(work.lease, entry.stepId, entry.kind, attempt.mask(entry.text), Math.max(0, Math.round(ms)))
    this.#core.journal?.wrote()
  }

  extend(work: Work, options: CallOptions = {}): Promise<void> {
    return this.#asker.extend(work.lease, options.signal)
  }

  async done(work: Work, state: WorkflowState, { signal }: CallOptions = {}): Promise<void> {
    const { leases, orders, keeper } = this.#core
    const attempt = leases.get(work.lease)
    if (attempt === undefined || attempt.hold === 'closed') return
    orders.stopped(attempt)
    keeper.fence()
    if (attempt.hold !== 'ours') {
      leases.settle(attempt, 'fenced')
      keeper.extendSoon()
      return
    }
    this.#core.probe('agent.work.settled')
    leases.settle(attempt, 'done')
    return unlessAborted(finish(this.#core, attempt, state), signal, () => {
      throw canceled()
    })
  }

  async registerAgent(info: AgentInfo, options: CallOptions = {}): Promise<string> {
    const agent = { ...info, ...lasting(this.#core.journal) }
    this.#core.info = agent
    const { id } = await this.#asker.ask('register', { agent }, options.signal)
    return id
  }

  async unregisterAgent(options: CallOptions = {}): Promise<void> {
    await this.#asker.ask('unregister', {}, options.signal)
  }

  async reportHealth(options: CallOptions = {}): Promise<void> {
    await this.#asker.ask('health', {}, options.signal)
  }

  async #accept(attempt: Attempt, state: WorkflowState): Promise<Accepted> {
    const { leases, keeper, journal } = this.#core
    try {
      if (journal !== undefined) await this.#note(attempt, journal)
      const { result, since } = await this.#core.deliver(attempt, 'init', { lease: attempt.lease, state })
      this.#core.probe('agent.init.answered')
      leases.renew(attempt, since)
      if (attempt.phase === 'accepting') attempt.accepted(maskOf(result.secrets))
      keeper.rearm()
      return { secrets: result.secrets }
    } catch (error) {
      if (attempt.phase === 'accepting') leases.lose(attempt, 'lost', `it was not accepted: ${String(error)}`)
      throw error
    }
  }

  /** Notes the lease on disk. Where that fails the offer is given back: a killed agent could not say what it ran. */
  async #note(attempt: Attempt, journal: Journal): Promise<void> {
    try {
      await journal.lease(attempt.offer)
      this.#core.probe('agent.lease.journaled')
    } catch (error) {
      this.#core.log.error(
        { lease: attempt.lease, error: String(error) },
        'the journal takes no lease: no work is taken',
      )
      await this.#asker.decline(attempt.lease, 'the agent cannot write its journal').catch(() => {})
      throw error
    }
    if (attempt.lost !== undefined) throw attempt.lost
  }

  #assertOpen(): void {
    if (this.state === 'stopped' || this.state === 'draining') throw this.#core.link.refusal()
  }
}

function canceled(): BusError {
  return new BusError('canceled', 'given up by the caller', { outcome: 'unknown' })
}
