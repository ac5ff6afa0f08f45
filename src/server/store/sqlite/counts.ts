import type { Labels, WorkflowStateName } from '../../../protocol/index.ts'
import { EVERYTHING, isScoped, type Scope, scopeKey, sees } from '../../scope.ts'
import type { Db } from './db.ts'
import { OpenCounts } from './open-counts.ts'

/** The queue in numbers: of everything, and of each scope that was asked for. Labels come as the database has them. */
export class Counts {
  readonly #db: Db
  readonly #whole: OpenCounts
  readonly #scoped = new Map<string, OpenCounts>()

  constructor(db: Db) {
    this.#db = db
    this.#whole = new OpenCounts(db, EVERYTHING, 0)
  }

  /** Whether anything has changed that was not told yet. */
  get touched(): boolean {
    return this.#whole.touched
  }

  of(scope: Scope): OpenCounts {
    if (!isScoped(scope)) return this.#whole
    const key = scopeKey(scope)
    const counts = this.#scoped.get(key) ?? new OpenCounts(this.#db, scope, this.#whole.version)
    this.#scoped.set(key, counts)
    return counts
  }

  /** A workflow with these labels is in another state. */
  move(from: WorkflowStateName | null, to: WorkflowStateName, labels: string): void {
    if (from === to) return
    this.#whole.move(from, to)
    for (const counts of this.#seeing(labels)) counts.move(from, to)
  }

  /** An agent with these labels came or went. */
  touch(labels: string): void {
    this.#whole.touched = true
    for (const counts of this.#seeing(labels)) counts.touched = true
  }

  /** Something has changed that everybody sees. */
  touchAll(): void {
    this.#whole.touched = true
    for (const counts of this.#scoped.values()) counts.touched = true
  }

  /** What has changed is told under this version. Answers the scopes that it has changed for. */
  told(version: number): Scope[] {
    const touched = [this.#whole, ...this.#scoped.values()].filter((counts) => counts.touched)
    for (const counts of touched) Object.assign(counts, { version, touched: false })
    return touched.map(({ scope }) => scope).filter(isScoped)
  }

  /** Counts anew when next asked. */
  forget(version: number): void {
    for (const counts of [this.#whole, ...this.#scoped.values()]) counts.forget(version)
  }

  #seeing(labels: string): OpenCounts[] {
    if (this.#scoped.size === 0) return []
    const carried = JSON.parse(labels) as Labels
    return [...this.#scoped.values()].filter(({ scope }) => sees(scope, carried))
  }
}
