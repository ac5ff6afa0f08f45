import type { StepView, WorkflowDetail, WorkflowStateName } from '../../protocol/index.ts'

/** What is shown of one followed workflow. */
export interface FollowedView {
  readonly id: string
  readonly name: string
  readonly state: WorkflowStateName
  readonly attempt: number
  readonly agent: string | null
  /** Why it is as it is, where there is something to say. */
  readonly note: string | null
  readonly started: Date | null
  readonly finished: Date | null
  readonly steps: readonly StepView[]
  /** Lines seen, by step. */
  readonly lines: ReadonlyMap<string, number>
}

/** Collects what is known of one followed workflow. */
export class FollowedState {
  readonly id: string
  readonly name: string
  readonly #lines = new Map<string, number>()
  #attempt = 0
  #detail: WorkflowDetail | undefined

  constructor({ id, name }: { id: string; name: string }) {
    this.id = id
    this.name = name
  }

  know(detail: WorkflowDetail): void {
    this.#detail = detail
  }

  /** A line number was seen. Another attempt counts anew. */
  sawLine(attempt: number, stepId: string, line: number): void {
    if (attempt !== this.#attempt) this.#lines.clear()
    this.#attempt = attempt
    this.#lines.set(stepId, line)
  }

  get detail(): WorkflowDetail | undefined {
    return this.#detail
  }

  stepName(stepId: string): string {
    return this.#detail?.steps.find(({ id }) => id === stepId)?.name ?? stepId
  }

  view(): FollowedView {
    const { id, name } = this
    const {
      state = 'pending',
      attempt = 0,
      agent = null,
      started = null,
      finished = null,
      steps = [],
    } = this.#detail ?? {}
    const note = this.#detail === undefined ? null : reasonOf(this.#detail)
    return { id, name, state, attempt, agent, note, started, finished, steps, lines: this.#lines }
  }
}

/** Why a workflow ended as it did: its error, or for one that was skipped, which dependency decided it. */
export function reasonOf({ state, error, dependsOn }: WorkflowDetail): string | null {
  if (error !== null && error !== '') return error
  const [first, ...more] = state === 'skipped' ? dependsOn.filter((one) => one.state !== 'success') : []
  if (first === undefined) return null
  const others = more.length > 0 ? `, and ${more.length} more did not succeed` : ''
  return `${first.name} ended with ${first.state}${others}`
}
