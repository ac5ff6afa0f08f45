import { type ReadonlySignal, signal } from '@preact/signals'
import { BusError, type WorkflowView } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'
import type { Live } from './live.ts'
import { newestFirst, Rows } from './rows.ts'
import { matches, type WorkflowFilter } from './workflow-filter.ts'

const PAGE = 100
/** A search reads so many pages in vain before it waits to be asked on. */
const VAIN_PAGES = 20

/** How far the list has been read. */
export interface Reading {
  readonly busy: boolean
  /** Older ones may be there. */
  readonly more: boolean
  /** Why it could not be read, or empty. */
  readonly trouble: string
}

/** The workflows of a filter, newest first: read a page at a time, and kept as they change. */
export class WorkflowList {
  readonly #bus: Bus
  readonly #filter: WorkflowFilter
  readonly #rows = new Rows<WorkflowView>({ order: newestFirst })
  readonly #reading = signal<Reading>({ busy: false, more: true, trouble: '' })
  /** Came while somebody was reading further down: rows that come in above would move what is read. */
  readonly #held = signal<ReadonlyMap<string, WorkflowView>>(new Map())
  readonly #ended = new AbortController()
  readonly #unwatch: () => void
  #holds = false
  #before: string | undefined

  constructor(bus: Bus, live: Live, filter: WorkflowFilter) {
    this.#bus = bus
    this.#filter = filter
    this.#unwatch = live.watch({
      onWorkflow: (workflow) => this.#take(workflow),
      onRemoved: (id) => this.#rows.remove(id),
      onSnapshot: () => this.#again(),
    })
    void this.read()
  }

  get rows(): ReadonlySignal<readonly WorkflowView[]> {
    return this.#rows.list
  }

  get reading(): ReadonlySignal<Reading> {
    return this.#reading
  }

  /** How many new ones wait to be shown. */
  get held(): number {
    return this.#held.value.size
  }

  /** New ones wait from now on, or are shown. */
  hold(holds: boolean): void {
    this.#holds = holds
    if (holds) return
    for (const workflow of this.#held.value.values()) this.#rows.put(workflow)
    this.#held.value = new Map()
  }

  /** Reads on, if there is more and nobody does. */
  async read(): Promise<void> {
    const { busy, more } = this.#reading.value
    if (busy || !more) return
    this.#reading.value = { busy: true, more, trouble: '' }
    try {
      let vain = 0
      while ((await this.#page()) === 0 && this.#before !== undefined && ++vain < VAIN_PAGES) {
        // A search looks at many that do not match.
      }
      this.#reading.value = { busy: false, more: this.#before !== undefined, trouble: '' }
    } catch (error) {
      if (this.#ended.signal.aborted) return
      const trouble = error instanceof BusError ? error.message : String(error)
      this.#reading.value = { busy: false, more: true, trouble }
    }
  }

  close(): void {
    this.#ended.abort()
    this.#unwatch()
  }

  async #page(): Promise<number> {
    const { states, labels, text } = this.#filter
    const params = {
      limit: PAGE,
      ...(states.length > 0 && { state: [...states] }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(text !== '' && { text }),
      ...(this.#before !== undefined && { before: this.#before }),
    }
    const { workflows, next } = await this.#bus.call('list', params, { signal: this.#ended.signal })
    this.#before = next ?? undefined
    for (const workflow of workflows) this.#rows.put(workflow)
    return workflows.length
  }

  /** What happened meanwhile was not told. */
  #again(): void {
    this.#rows.clear()
    this.#held.value = new Map()
    this.#before = undefined
    this.#reading.value = { busy: false, more: true, trouble: '' }
    void this.read()
  }

  #take(workflow: WorkflowView): void {
    const shown = this.#rows.get(workflow.id) !== undefined
    if (!matches(this.#filter, workflow)) {
      this.#rows.remove(workflow.id)
      if (this.#held.value.has(workflow.id)) this.#hold((held) => held.delete(workflow.id))
    } else if (shown || !this.#holds) this.#rows.put(workflow)
    else this.#hold((held) => held.set(workflow.id, workflow))
  }

  #hold(change: (held: Map<string, WorkflowView>) => void): void {
    const held = new Map(this.#held.value)
    change(held)
    this.#held.value = held
  }
}
