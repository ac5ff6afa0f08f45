import type { WorkflowStateName } from '../../../protocol/index.ts'
import type { Db } from './db.ts'

/** Workflows by state that have not ended. */
export type OpenCounts = Record<'waiting' | 'pending' | 'offered' | 'running', number>

const OPEN: readonly string[] = ['waiting', 'pending', 'offered', 'running']

/** How many workflows are in which open state: counted once, then kept, since a million pending take long to count. */
export class Counts {
  readonly #db: Db
  #known: OpenCounts | undefined
  #touched = false

  constructor(db: Db) {
    this.#db = db
  }

  move(from: WorkflowStateName | null, to: WorkflowStateName): void {
    if (from === to) return
    this.#touched = true
    if (this.#known === undefined) return
    if (isOpen(from)) this.#known[from] -= 1
    if (isOpen(to)) this.#known[to] += 1
  }

  /** Something else that the queue's view shows has changed. */
  touch(): void {
    this.#touched = true
  }

  /** Whether anything has changed since the last call. */
  takeTouched(): boolean {
    const touched = this.#touched
    this.#touched = false
    return touched
  }

  read(): Readonly<OpenCounts> {
    this.#known ??= this.#count()
    return this.#known
  }

  forget(): void {
    this.#known = undefined
    this.#touched = false
  }

  #count(): OpenCounts {
    const counts: OpenCounts = { waiting: 0, pending: 0, offered: 0, running: 0 }
    const rows = this.#db.all<{ state: keyof OpenCounts; count: number }>(
      `SELECT state, count(*) AS count FROM workflow
       WHERE state IN ('waiting', 'pending', 'offered', 'running') GROUP BY state`,
    )
    for (const { state, count } of rows) counts[state] = count
    return counts
  }
}

function isOpen(state: WorkflowStateName | null): state is keyof OpenCounts {
  return state !== null && OPEN.includes(state)
}
