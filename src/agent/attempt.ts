import type { Ended, FrameOf, Offer, Phase, StepResult, StepState, WorkflowState } from '../protocol/index.ts'
import { LeaseLost } from '../protocol/index.ts'
import { Deferred } from './deferred.ts'
import { type Fence, fenceOf } from './fence.ts'
import { type Mask, noMask } from './logs/mask.ts'
import type { Moment } from './moment.ts'

/**
 * Whose the lease is, as far as this agent knows; it only goes forward. `ours`: we run it and report. `given-up`: our own
 * clock ended it; we stop, and go on saying where we stand. `revoked`: the server ended it; it hears from us once the work
 * has settled. `closed`: the server knows all but the rest of the lines. `lost`: nobody asks for anything any more.
 */
const HOLDS = ['ours', 'given-up', 'revoked', 'closed', 'lost'] as const
export type Hold = (typeof HOLDS)[number]

export type ReceiptPhase = FrameOf<'receipt'>['phase']

const PHASES: Readonly<Record<Phase, readonly Phase[]>> = {
  accepting: ['running', 'stopping', 'fenced', 'done'],
  running: ['stopping', 'fenced', 'done'],
  stopping: ['fenced', 'done'],
  fenced: [],
  interrupted: [],
  done: [],
}

/** What the wire takes of one error. */
export const ERROR_CHARS = 4096
/** What all steps' errors may take of one `done`, so that it stays a message even where each character needs six bytes. */
const DONE_ERROR_CHARS = 24 * 1024

interface StepTrack {
  seq: number
  /** Monotonic time of its first report or line: lines are stamped from here. */
  since: number
  last: StepState | undefined
}

/** One lease this agent holds or held: from its `init` until its work has settled and its lines are on disk. */
export class Attempt {
  readonly offer: Offer
  readonly fence: Fence
  #phase: Phase = 'accepting'
  #hold: Hold = 'ours'
  /** The sending of the last `init`, `extend` or `hello` that was answered. */
  #renewed: Moment
  readonly #ended = new Deferred<Ended>()
  readonly #steps = new Map<string, StepTrack>()
  readonly #stepIds: ReadonlySet<string>
  readonly #receipts = new Map<number, ReceiptPhase>()
  #cancel: { reason: string; graceMs: number } | undefined
  #lost: LeaseLost | undefined
  /** The work is over, or was never begun: nothing of it runs. */
  settled = false
  /** Whoever runs it has been told to stop. */
  told = false
  mask: Mask = noMask

  /** `left`: how a dead predecessor left it, which ran it and of which nothing runs any more. */
  constructor(offer: Offer, now: Moment, left?: 'interrupted' | 'done') {
    this.offer = offer
    this.fence = fenceOf(offer.ttlMs, offer.workflow.graceMs)
    this.#renewed = now
    this.#stepIds = new Set(offer.workflow.steps.map(({ id }) => id))
    if (left === undefined) return
    this.settled = true
    this.#phase = left
    if (left === 'interrupted') this.#hold = 'given-up'
  }

  get lease(): string {
    return this.offer.lease
  }

  get phase(): Phase {
    return this.#phase
  }

  get hold(): Hold {
    return this.#hold
  }

  get renewed(): Moment {
    return this.#renewed
  }

  /** Why the lease is not ours any more. */
  get lost(): LeaseLost | undefined {
    return this.#lost
  }

  get canceled(): boolean {
    return this.#cancel !== undefined
  }

  /** Resolves at a cancel and after `done`, rejects with `LeaseLost`. */
  get ended(): Promise<Ended> {
    return this.#ended.promise
  }

  /** The server has answered what was sent then: the lease's time counts from there. */
  renew(since: Moment): void {
    this.#renewed = since
  }

  /** `init` was answered. */
  accepted(mask: Mask): void {
    this.mask = mask
    this.#enter(this.canceled ? 'stopping' : 'running')
  }

  /** The server wants it stopped. Acts once, however often and by whatever frame it is said. */
  cancel(reason: string, graceMs: number): void {
    if (this.#cancel !== undefined || this.#hold !== 'ours' || this.#phase === 'done') return
    this.#cancel = { reason, graceMs }
    if (this.#phase === 'running') this.#enter('stopping')
    this.#ended.resolve({ canceled: true, reason, graceMs })
  }

  /** It is not ours any more; the work is to stop, within `graceMs` if that is said, and reports nothing. */
  lose(hold: Exclude<Hold, 'ours'>, reason: string, graceMs?: number): void {
    if (this.#hold === 'ours') {
      this.#lost = new LeaseLost(this.lease, reason, graceMs)
      if (this.#phase === 'running') this.#enter('stopping')
      // Never begun: there is nothing to wait for.
      if (this.#phase === 'accepting') this.settle('fenced')
      this.#ended.reject(this.#lost)
    }
    if (HOLDS.indexOf(hold) > HOLDS.indexOf(this.#hold)) this.#hold = hold
  }

  /** The server knows how it ended. */
  close(): void {
    if (this.#hold !== 'lost') this.#hold = 'closed'
    this.#ended.resolve({ canceled: false })
  }

  /** The work has settled, with a result (`done`) or without. */
  settle(phase: 'done' | 'fenced'): void {
    this.settled = true
    if (this.#phase !== 'done' && this.#phase !== 'fenced') this.#enter(phase)
  }

  /** Whether the workflow has such a step: the server takes nothing of another. */
  hasStep(stepId: string): boolean {
    return this.#stepIds.has(stepId)
  }

  /** What a step's report carries: its number and its masked text. */
  report(step: StepState, now: number): { seq: number; step: StepState } {
    const track = this.#track(step.stepId, now)
    track.last = { ...step, error: this.errorText(step.error, ERROR_CHARS) }
    return { seq: ++track.seq, step: track.last }
  }

  /** An error that may be told: without secrets, and no longer than a frame has room for. */
  errorText(error: string, most: number): string {
    return this.mask(error).slice(0, most)
  }

  /** Milliseconds since the step's first sign of life. */
  stepMs(stepId: string, now: number): number {
    return Math.max(0, Math.round(now - this.#track(stepId, now).since))
  }

  /** How every step ended. What was never ended was skipped, or canceled with the workflow. */
  results(state: WorkflowState, lines: (stepId: string) => number): StepResult[] {
    const { steps } = this.offer.workflow
    const most = Math.min(ERROR_CHARS, Math.floor(DONE_ERROR_CHARS / steps.length))
    return steps.map(({ id }) => {
      const last = this.#steps.get(id)?.last
      const step = last === undefined ? notRun(id, state) : concluded(last, state)
      return { ...step, error: this.errorText(step.error, most), lines: lines(id) }
    })
  }

  /** How far the cancel or revoke of this revision has come. Undefined: it has not been seen. */
  receiptOf(revision: number): ReceiptPhase | undefined {
    return this.#receipts.get(revision)
  }

  noteReceipt(revision: number, phase: ReceiptPhase): void {
    this.#receipts.set(revision, phase)
  }

  get revisions(): number[] {
    return [...this.#receipts.keys()]
  }

  #track(stepId: string, now: number): StepTrack {
    const track = this.#steps.get(stepId) ?? { seq: 0, since: now, last: undefined }
    this.#steps.set(stepId, track)
    return track
  }

  #enter(next: Phase): void {
    if (!PHASES[this.#phase].includes(next)) {
      throw new Error(`an attempt does not go from ${this.#phase} to ${next}`)
    }
    this.#phase = next
  }
}

function notRun(stepId: string, state: WorkflowState): StepState {
  const how = state.canceled ? 'canceled' : 'skipped'
  return { stepId, state: how, started: null, finished: null, exitCode: null, error: '' }
}

/** A step that was started and never ended ends with the workflow. */
function concluded(last: StepState, state: WorkflowState): StepState {
  if (last.state !== 'running' && last.state !== 'pending') return last
  const how = state.canceled ? 'canceled' : state.error === '' ? 'skipped' : 'failure'
  return { ...last, state: how, finished: state.finished, error: how === 'failure' ? state.error : '' }
}
