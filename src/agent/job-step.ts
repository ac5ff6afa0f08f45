import type { LogKind, Peer, StepSpec, StepState, Work } from '../protocol/index.ts'
import type { JobStep, StepEnd, Stop } from './run.ts'

/** What a step needs of its job. */
export interface StepParts {
  readonly peer: Peer
  readonly work: Work
  readonly now: () => number
  readonly signal: AbortSignal
  /** A report that was refused for good. The work goes on. */
  readonly onError: (error: unknown) => void
}

/** One step of a job, reported over the peer. */
export class PeerStep implements JobStep {
  readonly spec: StepSpec
  readonly #parts: StepParts
  #state: StepState

  constructor(spec: StepSpec, parts: StepParts) {
    this.spec = spec
    this.#parts = parts
    this.#state = { stepId: spec.id, state: 'pending', started: null, finished: null, exitCode: null, error: '' }
  }

  start(): void {
    if (this.#state.state !== 'pending') return
    this.#report({ ...this.#state, state: 'running', started: this.#parts.now() })
  }

  write(kind: LogKind, text: string): void {
    this.#parts.peer.enqueueLog(this.#parts.work, { stepId: this.spec.id, kind, text })
  }

  end({ state, exitCode = null, error = '' }: StepEnd): void {
    if (this.#state.state !== 'pending' && this.#state.state !== 'running') return
    const finished = this.#state.started === null ? null : this.#parts.now()
    this.#report({ ...this.#state, state, finished, exitCode, error })
  }

  async run(work: (log: (text: string) => void) => void | Promise<void>): Promise<boolean> {
    const { signal } = this.#parts
    if (signal.aborted) return false
    this.start()
    try {
      await work((text) => this.write('out', text))
    } catch (error) {
      this.end({ state: isCancel(signal) ? 'canceled' : 'failure', error: messageOf(error) })
      return false
    }
    this.end({ state: 'success' })
    return !signal.aborted
  }

  #report(state: StepState): void {
    this.#state = state
    this.#parts.peer.update(this.#parts.work, state).catch(this.#parts.onError)
  }
}

/** A workflow that ran out of time fails; stopped for any other reason it was canceled. */
function isCancel(signal: AbortSignal): boolean {
  return signal.aborted && (signal.reason as Stop).why !== 'timeout'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
