import { type ReadonlySignal, signal } from '@preact/signals'
import { BusError, type Subscription } from '../../client/index.ts'
import type { FeedData, WorkflowDetail } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'
import { Frames } from './frames.ts'

/** What is known of a workflow that somebody looks at. */
export type Known =
  | { readonly state: 'asking' | 'unknown' }
  | { readonly state: 'here'; readonly workflow: WorkflowDetail }
  /** Deleted while it was looked at: `workflow` is the last of it. */
  | { readonly state: 'removed'; readonly workflow: WorkflowDetail | null }
  /** Nothing more is told. */
  | { readonly state: 'broken'; readonly why: string; readonly workflow: WorkflowDetail | null }

/** One workflow with its steps, as the server tells it: in order, so the last is the newest. Drawn at most once a frame. */
export class OneWorkflow {
  readonly #known = signal<Known>({ state: 'asking' })
  readonly #frames = new Frames(() => {
    this.#known.value = this.#newest
  })
  readonly #subscribing: Promise<Subscription>
  #newest: Known = { state: 'asking' }
  #closed = false

  constructor(bus: Pick<Bus, 'subscribe'>, id: string) {
    const onEnd = (error: Error) => this.#end(error)
    this.#subscribing = bus.subscribe(`workflow/${id}`, { onData: (data) => this.#take(data), onEnd })
    this.#subscribing.catch(onEnd)
  }

  get known(): ReadonlySignal<Known> {
    return this.#known
  }

  /** Nothing is told any more. Idempotent. */
  close(): void {
    this.#closed = true
    this.#subscribing.then(
      (subscription) => subscription.close(),
      () => {},
    )
  }

  #take(data: FeedData): void {
    if (data.kind === 'removed') this.#say({ state: 'removed', workflow: this.#last })
    else if (data.kind === 'workflow' && 'steps' in data.workflow) this.#say({ state: 'here', workflow: data.workflow })
  }

  #end(error: Error): void {
    const missing = error instanceof BusError && error.code === 'not_found'
    if (!missing) this.#say({ state: 'broken', why: error.message, workflow: this.#last })
    // Also one that was deleted while the connection was away.
    else this.#say(this.#last === null ? { state: 'unknown' } : { state: 'removed', workflow: this.#last })
  }

  get #last(): WorkflowDetail | null {
    return 'workflow' in this.#newest ? this.#newest.workflow : null
  }

  #say(known: Known): void {
    if (this.#closed) return
    this.#newest = known
    this.#frames.ask()
  }
}
