import type { WorkflowStateName } from '../../../protocol/index.ts'
import type { Scope } from '../../scope.ts'
import { carrying } from './carrying.ts'
import type { Db } from './db.ts'

/** Workflows by state that have not ended. */
type ByState = Record<'waiting' | 'pending' | 'offered' | 'running', number>

const OPEN: readonly string[] = ['waiting', 'pending', 'offered', 'running']

/**
 * How many workflows of a scope are in which open state: counted once, then kept, since a million pending take long to
 * count.
 */
export class OpenCounts {
  readonly scope: Scope
  /** Of the queue as it is seen from here; rises with every change of it. */
  version: number
  /** Something that it shows has changed since that version. */
  touched = false
  readonly #db: Db
  #known: ByState | undefined

  constructor(db: Db, scope: Scope, version: number) {
    this.#db = db
    this.scope = scope
    this.version = version
  }

  move(from: WorkflowStateName | null, to: WorkflowStateName): void {
    this.touched = true
    if (this.#known === undefined) return
    if (isOpen(from)) this.#known[from] -= 1
    if (isOpen(to)) this.#known[to] += 1
  }

  read(): Readonly<ByState> {
    this.#known ??= this.#count()
    return this.#known
  }

  forget(version: number): void {
    this.#known = undefined
    this.touched = false
    this.version = version
  }

  #count(): ByState {
    const counts: ByState = { waiting: 0, pending: 0, offered: 0, running: 0 }
    const { sql, values } = carrying(this.scope)
    const rows = this.#db.all<{ state: keyof ByState; count: number }>(
      `SELECT state, count(*) AS count FROM workflow w
       WHERE state IN ('waiting', 'pending', 'offered', 'running')${sql} GROUP BY state`,
      ...values,
    )
    for (const { state, count } of rows) counts[state] = count
    return counts
  }
}

function isOpen(state: WorkflowStateName | null): state is keyof ByState {
  return state !== null && OPEN.includes(state)
}
