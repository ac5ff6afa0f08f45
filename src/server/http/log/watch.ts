import type { FeedData } from '../../../protocol/index.ts'
import type { Core } from '../../core.ts'
import { type FeedSink, snapshotOf } from '../../feed/index.ts'
import type { Scope } from '../../scope.ts'

/**
 * Tells that a workflow or its log has changed, and nothing of what: its follower reads the store, where each line is in
 * its place. So a slow reader costs one page however much is written meanwhile.
 */
export class LogWatch implements FeedSink {
  readonly #core: Core
  #changed = false
  #ended = false
  #wake: () => void = () => {}

  private constructor(core: Core) {
    this.#core = core
  }

  /** Rejects with `not_found`. Whoever opened it closes it. */
  static async open(core: Core, id: string, scope: Scope): Promise<LogWatch> {
    const watch = new LogWatch(core)
    try {
      for (const topic of [`logs/${id}`, `workflow/${id}`]) {
        const ask = { subscription: topic, topic }
        const { page } = await core.feed.subscribe(ask, watch, snapshotOf(core, topic, scope), scope)
        for (const data of page) watch.#take(data)
      }
    } catch (error) {
      watch.close()
      throw error
    }
    return watch
  }

  /** Whether the workflow has ended, as far as is known here. */
  get ended(): boolean {
    return this.#ended
  }

  /** Call before the store is read: only what changes from then on counts. */
  clear(): void {
    this.#changed = false
  }

  /** Resolves at the next change, after `ms` at most; at once if there was one. */
  async change(ms: number | undefined): Promise<void> {
    if (this.#changed) return
    let cancelTimer = () => {}
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (ms !== undefined) cancelTimer = this.#core.clock.after(ms, resolve)
    })
    cancelTimer()
  }

  /** Ends the waiting. */
  touch(): void {
    this.#changed = true
    this.#wake()
  }

  close(): void {
    this.#core.feed.drop(this)
  }

  event(_subscription: string, _offset: number, data: FeedData): void {
    this.#take(data)
    this.touch()
  }

  missed(): void {
    this.touch()
  }

  backlog(): number {
    return 0
  }

  #take(data: FeedData): void {
    if (data.kind === 'workflow') this.#ended = data.workflow.finished !== null
  }
}
