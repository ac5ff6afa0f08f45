import type { Clock, Log, Offer, Peer } from '../protocol/index.ts'
import { LeaseLost } from '../protocol/index.ts'
import { durationText } from './duration.ts'
import { messageOf, PeerStep } from './job-step.ts'
import type { Job, JobStep, Run, Stop, Trace } from './run.ts'

/** How long after the grace a backend that has not stopped is named in the log. */
const LATE_MS = 10_000
/** The longest a timer can be set; a workflow may take a year. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface JobParts {
  readonly peer: Peer
  readonly clock: Clock
  readonly log: Log
  readonly run: Run
  readonly onTrace: (trace: Trace) => void
  /** Nothing of the work runs any more; what is left is to report it. */
  readonly onSettled: () => void
}

/**
 * One offer, from `init` to `done`: the job the backend sees, its signal, its timeout and its result. Owns its timers; they
 * are gone when `work` has resolved.
 */
export class PeerJob implements Job {
  readonly offer: Offer
  readonly steps: readonly JobStep[]
  secrets: Readonly<Record<string, string>> = {}
  readonly #parts: JobParts
  readonly #abort = new AbortController()
  readonly #timers = new Set<() => void>()
  #started = 0
  #stage: 'accepting' | 'running' | 'settled' = 'accepting'

  constructor(offer: Offer, parts: JobParts) {
    this.offer = offer
    this.#parts = parts
    this.steps = offer.workflow.steps.map((spec) => {
      const { peer, clock } = parts
      const onError = (error: unknown) => this.#note(error, `the report of step ${spec.name} was refused`)
      return new PeerStep(spec, { peer, work: offer, now: () => clock.now(), signal: this.signal, onError })
    })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  // Bound, like the next: whoever runs the work may take the job apart.
  readonly step = (name: string): JobStep => {
    const step = this.steps.find(({ spec }) => spec.name === name)
    if (step === undefined) throw new Error(`workflow ${this.offer.workflow.name} has no step ${JSON.stringify(name)}`)
    return step
  }

  readonly leaves = (trace: Trace): void => this.#parts.onTrace(trace)

  /** Something of the work may be running. */
  get running(): boolean {
    return this.#stage === 'running'
  }

  /** Accepts, runs, and reports. Never rejects: what goes wrong is reported, or said in the log. */
  async work(): Promise<void> {
    if (!(await this.#accept())) return this.#settle()
    this.#followOrders()
    const error = await this.#run()
    this.#settle()
    await this.#report(error)
  }

  /** Tells the backend to stop. The first reason stands. */
  stop(stop: Stop): void {
    if (this.signal.aborted || this.#stage === 'settled') return
    this.#abort.abort(stop)
    this.#after(stop.graceMs + LATE_MS, () => {
      const { workflowId, lease } = this.offer
      this.#parts.log.warn({ workflowId, lease }, 'the work was told to stop and has not: its place stays taken')
    })
  }

  async #accept(): Promise<boolean> {
    this.#started = this.#parts.clock.now()
    try {
      const state = { started: this.#started, finished: 0, error: '', canceled: false }
      this.secrets = (await this.#parts.peer.init(this.offer, state)).secrets
      return true
    } catch (error) {
      this.#note(error, 'an offer could not be accepted')
      return false
    }
  }

  async #run(): Promise<string> {
    // Stopped while it was being accepted: nothing has begun, and nothing shall.
    if (this.signal.aborted) return ''
    this.#stage = 'running'
    this.#armTimeout(this.offer.workflow.timeoutMs)
    try {
      await this.#parts.run(this)
      return ''
    } catch (error) {
      return messageOf(error) || 'the work failed without saying why'
    }
  }

  #settle(): void {
    this.#stage = 'settled'
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#parts.onSettled()
  }

  async #report(failure: string): Promise<void> {
    const { peer, clock } = this.#parts
    const stop = this.signal.aborted ? (this.signal.reason as Stop) : undefined
    const canceled = stop?.why === 'canceled' || stop?.why === 'shutdown'
    const error = stop === undefined ? failure : stop.why === 'timeout' ? stop.reason : ''
    try {
      await peer.done(this.offer, { started: this.#started, finished: clock.now(), error, canceled })
    } catch (refused) {
      this.#note(refused, 'the result was refused')
    }
  }

  #followOrders(): void {
    const { graceMs } = this.offer.workflow
    this.#parts.peer.wait(this.offer).then(
      (ended) => {
        if (!ended.canceled) return
        this.stop({ why: 'canceled', reason: ended.reason ?? 'canceled', graceMs: ended.graceMs ?? graceMs })
      },
      (error: unknown) => {
        const left = error instanceof LeaseLost ? error.graceMs : undefined
        this.stop({ why: 'lost', reason: messageOf(error), graceMs: left ?? graceMs })
      },
    )
  }

  #armTimeout(leftMs: number): void {
    const step = Math.min(leftMs, LONGEST_TIMER_MS)
    this.#after(step, () => {
      if (leftMs > step) this.#armTimeout(leftMs - step)
      else this.#timeOut()
    })
  }

  #timeOut(): void {
    const { timeoutMs, graceMs } = this.offer.workflow
    this.stop({ why: 'timeout', reason: `timed out after ${durationText(timeoutMs)}`, graceMs })
  }

  #after(ms: number, call: () => void): void {
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(cancel)
      call()
    })
    this.#timers.add(cancel)
  }

  #note(error: unknown, what: string): void {
    const { workflowId, lease } = this.offer
    // Whoever took the lease away has said why.
    if (!(error instanceof LeaseLost)) this.#parts.log.warn({ workflowId, lease, error: messageOf(error) }, what)
  }
}
