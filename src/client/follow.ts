import {
  type BusError,
  type Clock,
  type FeedData,
  type LogPart,
  systemClock,
  type WorkflowDetail,
} from '../protocol/index.ts'
import type { Client, Subscription } from './client.ts'
import { ENDED } from './ended.ts'
import { LogMerge } from './merge.ts'
import { Tail } from './tail.ts'

/** What is followed of a workflow's log, and how long. */
export interface FollowOptions {
  /** Only this attempt, from 1. Default: the latest, going on to the next one. */
  attempt?: number
  /** Only this step, by its id. Default: all. */
  stepId?: string
  /** Ends the following: the generator then returns, as at the end. */
  signal?: AbortSignal
  /** Milliseconds it waits, once the workflow has ended, for lines that are not there yet. Default 10 s. */
  settleMs?: number
  /** Default: the machine's own. */
  clock?: Clock
  /** Called with every change of the workflow. What it throws closes the connection. */
  onWorkflow?(workflow: WorkflowDetail): void
}

/** A piece of a followed log. */
export interface Followed {
  /** From 1. */
  readonly attempt: number
  /** Names the attempt; with a step's id and a line's number it names a line. */
  readonly lease: string
  /** Lines of one step that are next, or a gap: lines that will never come, and why. */
  readonly part: LogPart
}

/**
 * The log of a workflow from its first line to its last, each line once, whatever is lost on the way: history from the
 * store and live parts are joined, and a hole is read again. Ends when the workflow has ended and its log is complete, or
 * `settleMs` after; returns its last state. Throws `BusError`, such as `not_found`.
 */
export async function* followLogs(
  client: Client,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<Followed, WorkflowDetail | undefined> {
  const follower = new Follower(client, id, options)
  try {
    await follower.start()
    yield* follower.parts()
    return follower.workflow
  } finally {
    follower.close()
  }
}

class Follower {
  readonly #client: Client
  readonly #id: string
  readonly #options: FollowOptions
  readonly #merge = new LogMerge()
  readonly #tail = new Tail<Followed>()
  readonly #subscriptions: Subscription[] = []
  readonly #clock: Clock
  #attempt: number | undefined
  #lease = ''
  #cursor: string | undefined
  #error: BusError | undefined
  #gone = false
  /** Version of the ended workflow whose lines were counted. */
  #checked = -1
  /** Of the last line, or of the end of the workflow: what is not there `settleMs` later is not waited for. */
  #lastSign = 0
  workflow: WorkflowDetail | undefined

  constructor(client: Client, id: string, options: FollowOptions) {
    this.#client = client
    this.#id = id
    this.#options = options
    this.#attempt = options.attempt
    this.#clock = options.clock ?? systemClock
  }

  async start(): Promise<void> {
    this.#options.signal?.addEventListener('abort', this.#wake)
    const onEnd = (error: BusError) => {
      this.#error = error
      this.#tail.wake()
    }
    const onMissed = () => this.#tail.lose()
    const onData = (data: FeedData) => this.#take(data)
    // The log first: what is stored while the workflow is being read then comes live.
    this.#subscriptions.push(await this.#client.subscribe(`logs/${this.#id}`, { onData, onMissed, onEnd }))
    this.#subscriptions.push(await this.#client.subscribe(`workflow/${this.#id}`, { onData, onEnd }))
  }

  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#wake)
    for (const subscription of this.#subscriptions) subscription.close()
  }

  async *parts(): AsyncGenerator<Followed, void> {
    for (;;) {
      if (this.#options.signal?.aborted || this.#gone) return
      if (this.#error !== undefined) throw this.#error
      if (this.#tail.takeLost()) yield* this.#read()
      else if (!this.#tail.empty) yield* this.#next()
      else if (this.#isBehind()) this.#tail.lose()
      else if (this.#hasEnded()) return
      else await this.#wait()
    }
  }

  readonly #wake = (): void => this.#tail.wake()

  #take(data: FeedData): void {
    if (data.kind === 'workflow') this.#workflow(data.workflow)
    else if (data.kind === 'removed') this.#gone = true
    else if (data.kind === 'log') {
      const { attempt, part } = data
      const wanted = this.#options.stepId === undefined || part.stepId === this.#options.stepId
      if (wanted) this.#tail.push({ attempt, lease: part.lease, part }, part.kind === 'lines' ? part.text.length : 0)
    }
    this.#tail.wake()
  }

  #workflow(workflow: object): void {
    if (!('steps' in workflow)) return
    const detail = workflow as WorkflowDetail
    if (this.workflow !== undefined && detail.version <= this.workflow.version) return
    if (ENDED.has(detail.state)) this.#lastSign = this.#clock.monotonic()
    this.workflow = detail
    this.#options.onWorkflow?.(detail)
  }

  /** Reads the store from where the last reading ended. */
  async *#read(): AsyncGenerator<Followed, void> {
    const { stepId } = this.#options
    for (;;) {
      const page = await this.#client.call('logs', {
        id: this.#id,
        ...(this.#attempt === undefined ? {} : { attempt: this.#attempt }),
        ...(stepId === undefined ? {} : { stepId }),
        ...(this.#cursor === undefined ? {} : { after: this.#cursor }),
      })
      if (page.attempt > 0) this.#attempt = page.attempt
      this.#lease = page.lease ?? this.#lease
      this.#cursor = page.next ?? this.#cursor
      for (const part of page.parts) yield* this.#emit(page.attempt, this.#merge.stored(part))
      if (!page.more || this.#options.signal?.aborted) return
    }
  }

  /** Takes the next live part. */
  async *#next(): AsyncGenerator<Followed, void> {
    const live = this.#tail.shift()
    if (live === undefined || live.attempt < (this.#attempt ?? 0)) return
    if (live.attempt !== this.#attempt) {
      if (this.#options.attempt !== undefined) return
      this.#goTo(live.attempt)
      return
    }
    const left = this.#merge.live(live.part)
    if (left === 'hole') this.#tail.lose()
    else yield* this.#emit(live.attempt, left)
  }

  /** From now on another attempt, from its first line. */
  #goTo(attempt: number): void {
    this.#attempt = attempt
    this.#lease = ''
    this.#cursor = undefined
    this.#tail.lose()
  }

  *#emit(attempt: number, part: LogPart | undefined): Generator<Followed, void> {
    if (part === undefined) return
    this.#lastSign = this.#clock.monotonic()
    this.#lease = part.lease
    yield { attempt, lease: part.lease, part }
  }

  #hasEnded(): boolean {
    const { workflow } = this
    if (workflow === undefined) return false
    const { attempt } = this.#options
    if (attempt !== undefined && attempt < workflow.attempt) return true
    if (!ENDED.has(workflow.state)) return false
    if (workflow.attempt === 0 || workflow.logs !== 'open') return true
    return this.#clock.monotonic() - this.#lastSign >= this.#settleMs()
  }

  /** Another attempt is the latest now, or the ended workflow has lines that were not seen. Each is told once. */
  #isBehind(): boolean {
    const { workflow } = this
    const { attempt, stepId } = this.#options
    if (workflow === undefined || workflow.attempt === 0 || workflow.version === this.#checked) return false
    if (attempt === undefined && workflow.attempt > (this.#attempt ?? 0)) {
      this.#goTo(workflow.attempt)
      return true
    }
    if (this.#attempt !== workflow.attempt || !ENDED.has(workflow.state)) return false
    // Once per state: lines that the store counts and does not have would be asked for without end.
    this.#checked = workflow.version
    const steps = workflow.steps.filter(({ id }) => stepId === undefined || id === stepId)
    return steps.some(({ id, lines }) => this.#merge.next(this.#lease, id) <= lines)
  }

  async #wait(): Promise<void> {
    const ended = this.workflow !== undefined && ENDED.has(this.workflow.state)
    const left = this.#settleMs() - (this.#clock.monotonic() - this.#lastSign)
    const cancelTimer = ended ? this.#clock.after(Math.max(1, left), this.#wake) : undefined
    try {
      await this.#tail.something()
    } finally {
      cancelTimer?.()
    }
  }

  #settleMs(): number {
    return this.#options.settleMs ?? 10_000
  }
}
