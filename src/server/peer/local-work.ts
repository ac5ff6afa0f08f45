import type { StepResult, StepState, Work, WorkflowState } from '../../protocol/index.ts'
import {
  BusError,
  type Clock,
  type Ended,
  LeaseLost,
  type LogEntry,
  type Offer,
  type Phase,
} from '../../protocol/index.ts'
import type { Intent } from '../store/store.ts'
import type { LocalLog } from './local-log.ts'

/** How an attempt stands. `ended` is what `wait` answers, `lost` why it rejects. */
type Standing =
  | { name: 'offered' }
  | { name: 'running' }
  | { name: 'stopping'; ended: Ended }
  | { name: 'done'; ended: Ended }
  | { name: 'lost'; error: LeaseLost; revision: number | undefined }

interface LocalWorkOptions {
  offer: Offer
  clock: Clock
  openLog: (stepId: string) => LocalLog
}

/** One attempt in the hands of the peer of this process. */
export class LocalWork implements Work {
  readonly workflowId: string
  readonly lease: string
  readonly ttlMs: number
  readonly #options: LocalWorkOptions
  readonly #logs = new Map<string, LocalLog>()
  readonly #steps = new Map<string, StepState>()
  readonly #seqs = new Map<string, number>()
  readonly #began = new Map<string, number>()
  #standing: Standing = { name: 'offered' }
  #waiting = new Set<() => void>()
  /** Monotonic: its time runs from the sending of what renewed it last. */
  renewed: number

  constructor(options: LocalWorkOptions) {
    this.#options = options
    this.workflowId = options.offer.workflowId
    this.lease = options.offer.lease
    this.ttlMs = options.offer.ttlMs
    this.renewed = options.clock.monotonic()
  }

  get standing(): Standing {
    return this.#standing
  }

  /** What `extend` says of it; null when there is nothing to extend. */
  get phase(): Phase | null {
    const { name } = this.#standing
    return name === 'running' || name === 'stopping' ? name : null
  }

  started(): void {
    if (this.#standing.name === 'offered') this.#to({ name: 'running' })
  }

  cancel({ reason, graceMs }: Intent): void {
    const { name } = this.#standing
    if (name === 'offered' || name === 'running') {
      this.#to({ name: 'stopping', ended: { canceled: true, reason, graceMs } })
    }
  }

  /** Nothing more is reported of it. */
  lose(reason: string, revision?: number): LeaseLost {
    if (this.#standing.name === 'lost') return this.#standing.error
    const error = new LeaseLost(this.lease, reason)
    for (const log of this.#logs.values()) log.end()
    this.#to({ name: 'lost', error, revision })
    return error
  }

  done(): void {
    if (this.#standing.name === 'lost') return
    const ended = this.#standing.name === 'stopping' ? this.#standing.ended : { canceled: false }
    this.#to({ name: 'done', ended })
  }

  /** Resolves or rejects once the attempt has ended, or is to end. */
  async wait(signal: AbortSignal | undefined): Promise<Ended> {
    for (;;) {
      const standing = this.#standing
      if (standing.name === 'lost') throw standing.error
      if (standing.name === 'stopping' || standing.name === 'done') return standing.ended
      if (signal?.aborted) return { canceled: false, aborted: true }
      await this.#change(signal)
    }
  }

  /** Notes a step's state and numbers the report. */
  note(step: StepState): number {
    const seq = (this.#seqs.get(step.stepId) ?? 0) + 1
    this.#seqs.set(step.stepId, seq)
    this.#steps.set(step.stepId, step)
    this.#begin(step.stepId)
    return seq
  }

  log({ stepId, kind, text, ms }: LogEntry): void {
    if (this.#standing.name === 'lost') return
    if (!this.#options.offer.workflow.steps.some(({ id }) => id === stepId)) return
    const began = this.#begin(stepId)
    let log = this.#logs.get(stepId)
    if (log === undefined) {
      log = this.#options.openLog(stepId)
      this.#logs.set(stepId, log)
    }
    log.write(kind, text, ms ?? Math.round(this.#options.clock.monotonic() - began))
  }

  /** Every step's last state; one that was never reported has not run. */
  results(state: WorkflowState): StepResult[] {
    return this.#options.offer.workflow.steps.map(({ id }) => {
      const never: StepState = {
        stepId: id,
        state: state.canceled ? 'canceled' : 'skipped',
        started: null,
        finished: null,
        exitCode: null,
        error: '',
      }
      return { ...(this.#steps.get(id) ?? never), lines: this.#logs.get(id)?.lines ?? 0 }
    })
  }

  async flushed(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.flushed()))
  }

  close(): void {
    for (const log of this.#logs.values()) log.end()
    if (this.phase !== null || this.#standing.name === 'offered') this.lose('the peer was closed')
  }

  #begin(stepId: string): number {
    const now = this.#options.clock.monotonic()
    const began = this.#began.get(stepId) ?? now
    this.#began.set(stepId, began)
    return began
  }

  #to(standing: Standing): void {
    this.#standing = standing
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const tell of waiting) tell()
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const tell = () => {
        signal?.removeEventListener('abort', tell)
        this.#waiting.delete(tell)
        resolve()
      }
      this.#waiting.add(tell)
      signal?.addEventListener('abort', tell, { once: true })
    })
  }
}

/** Waits for `promise` no longer than the signal lets it; what it does goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new BusError('canceled', 'given up by the caller', { outcome: 'unknown' }))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
