import { setMaxListeners } from 'node:events'
import type { Clock, Log, Offer, Probe } from '../protocol/index.ts'
import { BusError, noProbe, silentLog, systemClock } from '../protocol/index.ts'
import type { AgentPeer, ConnectOptions } from './agent-peer.ts'
import { Guardian } from './guardian/guardian.ts'
import { PeerJob } from './job.ts'
import { messageOf } from './job-step.ts'
import type { Journal } from './journal/journal.ts'
import { pause } from './pause.ts'
import { connect } from './peer.ts'
import type { Run, Trace } from './run.ts'

/** An agent around your own work. */
export interface RunAgentOptions extends ConnectOptions {
  /** The work. At most `agent.capacity` run at a time. */
  run: Run
}

/** An agent that takes work until `drain` or `stop`. */
export interface RunningAgent {
  /** Its connection, and the contract over it. */
  readonly peer: AgentPeer
  /**
   * Resolves after `drain` or `stop`. Rejects with `CloseError` when the server refuses this agent for good (bad
   * credential, superseded, deleted …): its work was then stopped, and has settled.
   */
  readonly finished: Promise<void>
  /** Takes no more work, finishes what runs, delivers it, unregisters and leaves. Resolves with `finished`. */
  drain(): Promise<void>
  /** Cancels what runs with its grace, reports it as canceled, and leaves. Resolves with `finished`. */
  stop(reason?: string): Promise<void>
}

/** Connects, and runs workflows until it is told to leave. Throws like `connect`. */
export function runAgent(options: RunAgentOptions): RunningAgent {
  return new Runner(options)
}

const NEXT_PAUSE_MS = 5_000
/** After `stop`: for the results and the last lines to arrive. */
const LAST_WORDS_MS = 10_000
const UNREGISTER_MS = 5_000
/** What is delivered sooner needs no word. */
const OWED_MS = 3_000

class Runner implements RunningAgent {
  readonly peer: AgentPeer
  readonly finished: Promise<void>
  readonly #run: Run
  readonly #clock: Clock
  readonly #log: Log
  readonly #probe: Probe
  readonly #journal: Journal | undefined
  readonly #guardian: Guardian
  readonly #jobs = new Set<PeerJob>()
  /** No more work is taken. */
  readonly #draining = new AbortController()
  #hurried = false
  #cancelGoodbye: (() => void) | undefined
  #cancelWord: (() => void) | undefined

  constructor(options: RunAgentOptions) {
    this.#run = options.run
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
    this.#probe = options.probe ?? noProbe
    this.#journal = options.journal
    this.#guardian = new Guardian(this.#clock, this.#log)
    // Each free place listens; more than ten would look like a leak to Node, which says so on stderr.
    setMaxListeners(0, this.#draining.signal)
    this.peer = connect({ ...options, guardian: this.#guardian })
    this.finished = this.#live()
    // Whoever does not wait for it has chosen not to know.
    this.finished.catch(() => {})
  }

  drain(): Promise<void> {
    this.#draining.abort()
    this.#explain()
    return this.finished
  }

  stop(reason = 'the agent is shutting down'): Promise<void> {
    this.#draining.abort()
    for (const job of this.#jobs) job.stop({ why: 'shutdown', reason, graceMs: job.offer.workflow.graceMs })
    this.#hurried = true
    this.#hurry()
    return this.finished
  }

  async #live(): Promise<void> {
    await Promise.all(Array.from({ length: this.peer.info.capacity }, () => this.#slot()))
    const refused = await this.#leave()
    this.#cancelGoodbye?.()
    this.#cancelWord?.()
    this.#guardian.close()
    if (refused !== undefined) throw refused
  }

  /** One place for work: takes the next only after the last has settled. Never rejects. */
  async #slot(): Promise<void> {
    const { signal } = this.#draining
    while (!signal.aborted && this.peer.state !== 'stopped') {
      const offer = await this.#next(signal)
      if (offer !== null) await this.#work(offer)
    }
  }

  async #next(signal: AbortSignal): Promise<Offer | null> {
    try {
      return await this.peer.next({}, { signal })
    } catch (error) {
      if (this.peer.state === 'stopped') return null
      this.#log.warn({ error: messageOf(error) }, 'the server gives no work')
      await pause(this.#clock, NEXT_PAUSE_MS, signal)
      return null
    }
  }

  async #work(offer: Offer): Promise<void> {
    const job = new PeerJob(offer, {
      peer: this.peer,
      clock: this.#clock,
      log: this.#log,
      run: this.#run,
      onTrace: (trace) => this.#note(offer.lease, trace),
      onSettled: () => {
        this.#explain()
        this.#hurry()
      },
    })
    this.#jobs.add(job)
    await job.work()
    this.#jobs.delete(job)
  }

  #note(lease: string, trace: Trace): void {
    this.#journal?.trace(lease, trace)
    if ('folder' in trace) this.#guardian.watch(lease, trace.folder)
    else this.#probe('agent.step.started')
  }

  get #busy(): boolean {
    return [...this.#jobs].some((job) => job.running)
  }

  /** Whoever waits for it to leave wants to know what it still waits for, once nothing runs any more. */
  #explain(): void {
    if (!this.#draining.signal.aborted || this.#busy || this.#cancelWord !== undefined) return
    this.#cancelWord = this.#clock.after(OWED_MS, () => {
      const { state } = this.peer
      this.#log.warn({ state }, 'nothing runs any more; waiting until the server has taken what it is owed')
    })
  }

  /** After `stop`, once nothing runs any more, the results have so long to arrive; without a server they never would. */
  #hurry(): void {
    if (!this.#hurried || this.#busy || this.#cancelGoodbye !== undefined) return
    this.#cancelGoodbye = this.#clock.after(LAST_WORDS_MS, () => this.#close())
  }

  /** Delivers what is owed and says goodbye. Answers why the server refused us, if it did. */
  async #leave(): Promise<Error | undefined> {
    try {
      await this.peer.delivered()
      await this.#unregister()
      return undefined
    } catch (error) {
      // What our own `close` cuts off is no refusal.
      return error instanceof BusError ? undefined : asError(error)
    } finally {
      await this.peer.close()
    }
  }

  async #unregister(): Promise<void> {
    const patience = new AbortController()
    const cancel = this.#clock.after(UNREGISTER_MS, () => patience.abort())
    try {
      await this.peer.unregisterAgent({ signal: patience.signal })
    } finally {
      cancel()
    }
  }

  #close(): void {
    this.peer.close().catch((error: unknown) => {
      this.#log.error({ error: messageOf(error) }, 'the agent could not be closed')
    })
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
