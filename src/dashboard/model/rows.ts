import { type ReadonlySignal, signal } from '@preact/signals'
import { Frames } from './frames.ts'

export interface Row {
  readonly id: string
  readonly version: number
}

interface RowsOptions<T> {
  /** In which order they are shown. */
  readonly order: (a: T, b: T) => number
  /** The last of the order go when there are more. Default: all stay. */
  readonly most?: number
}

/** What the server says there is, by id: of each the newest version. Drawn at most once a frame. */
export class Rows<T extends Row> {
  readonly #options: RowsOptions<T>
  readonly #byId = new Map<string, T>()
  readonly #list = signal<readonly T[]>([])
  readonly #frames = new Frames(() => this.#draw())

  constructor(options: RowsOptions<T>) {
    this.#options = options
  }

  /** In order. */
  get list(): ReadonlySignal<readonly T[]> {
    return this.#list
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)
  }

  put(row: T): void {
    const known = this.#byId.get(row.id)
    if (known !== undefined && row.version <= known.version) return
    this.#byId.set(row.id, row)
    this.#frames.ask()
  }

  /** Whatever was known before: versions of a server that was restored from a backup may be lower. */
  replace(row: T): void {
    this.#byId.set(row.id, row)
    this.#frames.ask()
  }

  remove(id: string): void {
    if (this.#byId.delete(id)) this.#frames.ask()
  }

  clear(): void {
    this.#byId.clear()
    this.#frames.ask()
  }

  /** All others are gone. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#byId.keys()) if (!ids.has(id)) this.#byId.delete(id)
    this.#frames.ask()
  }

  #draw(): void {
    const { order, most = Number.POSITIVE_INFINITY } = this.#options
    const sorted = [...this.#byId.values()].sort(order)
    for (const { id } of sorted.splice(most)) this.#byId.delete(id)
    this.#list.value = sorted
  }
}

/** The order of workflows. */
export function newestFirst(a: { id: string; created: Date }, b: { id: string; created: Date }): number {
  return b.created.getTime() - a.created.getTime() || (a.id < b.id ? 1 : -1)
}
