import { type LogPart, LogText, type ParamsOf, type ResultOf, type WorkflowDetail } from '../../../protocol/index.ts'
import type { LogWatch } from './watch.ts'

type Page = ResultOf<'logs'>

/** Once the workflow has ended, lines that are still owed are waited for so long after the last sign of any. */
const SETTLE_MS = 10_000

export interface LogAsk {
  readonly id: string
  readonly attempt: number | undefined
  readonly stepId: string | undefined
  /** Also the echo of commands, and what the agent says. */
  readonly everything: boolean
  readonly json: boolean
}

interface ReaderOptions {
  readonly ask: LogAsk
  /** Set to follow. */
  readonly watch: LogWatch | undefined
  readonly get: () => Promise<WorkflowDetail>
  readonly read: (params: ParamsOf<'logs'>) => Promise<Page>
  readonly now: () => number
  readonly signal: AbortSignal
}

/** One workflow's log as text, page by page from the store; when following, on and on until its end. */
export class LogReader {
  readonly #options: ReaderOptions
  readonly #text: LogText
  #detail: WorkflowDetail
  #page: Page
  #fresh = true
  #lastSign: number

  /** Reads the first page. Rejects with `not_found` for an attempt that is not there. */
  static async open(options: ReaderOptions, detail: WorkflowDetail): Promise<LogReader> {
    options.watch?.clear()
    return new LogReader(options, detail, await options.read(paramsOf(options.ask)))
  }

  private constructor(options: ReaderOptions, detail: WorkflowDetail, first: Page) {
    const { everything, json } = options.ask
    this.#options = options
    this.#detail = detail
    this.#page = first
    this.#text = new LogText(detail, { everything, json, marks: true })
    this.#lastSign = options.now()
  }

  /** Of the page that was read last: whether more may come, and of which attempt it is. */
  get state(): Page['state'] {
    return this.#page.state
  }

  get attempt(): number {
    return this.#page.attempt
  }

  /** Whether all that is to be said was said: false where it was broken off. */
  async *parts(): AsyncGenerator<string, boolean> {
    const { watch, signal } = this.#options
    for (;;) {
      yield* this.#stored()
      if (signal.aborted) return false
      if (this.state !== 'open' || watch === undefined) break
      if (!(await this.#more(watch))) break
      watch.clear()
    }
    yield* this.#ending()
    return true
  }

  /** What is stored, to its end. */
  async *#stored(): AsyncGenerator<string, void> {
    for (;;) {
      const before = this.#page
      if (!this.#fresh) await this.#next()
      this.#fresh = false
      if (this.#page.attempt !== before.attempt && before.attempt > 0) {
        yield* this.#restart()
        continue
      }
      const { parts, attempt } = this.#page
      if (parts.length > 0) this.#lastSign = this.#options.now()
      if (parts.some((part) => this.#isUnknown(part))) await this.#know()
      yield parts.map((part) => this.#text.text(attempt, part)).join('')
      if (!this.#page.more || this.#options.signal.aborted) return
    }
  }

  async #next(): Promise<void> {
    const { ask, watch, read } = this.#options
    const { next, attempt } = this.#page
    // Whoever does not follow stays with the attempt that was the latest.
    const pinned = watch === undefined && attempt > 0 ? attempt : ask.attempt
    const page = await read({ ...paramsOf({ ...ask, attempt: pinned }), ...(next === null ? {} : { after: next }) })
    this.#page = page
  }

  /** Another attempt is the latest: from its first line. */
  async *#restart(): AsyncGenerator<string, void> {
    const { ask, read } = this.#options
    yield this.#text.rest()
    this.#page = await read(paramsOf(ask))
    this.#fresh = true
    await this.#know()
    if (!ask.json) yield `[drumline: attempt ${this.#page.attempt}]\n`
  }

  /** Waits for a change. False: the workflow has ended, and what is still owed does not come. */
  async #more(watch: LogWatch): Promise<boolean> {
    const { now, signal } = this.#options
    const wasEnded = watch.ended
    const left = SETTLE_MS - (now() - this.#lastSign)
    if (wasEnded && left <= 0) return false
    await watch.change(wasEnded ? left : undefined)
    if (!wasEnded && watch.ended) this.#lastSign = now()
    return !signal.aborted
  }

  /** What is missing beyond the gaps that stand in the log. */
  *#ending(): Generator<string, void> {
    yield this.#text.end(this.#page.missing)
    const { ask, watch } = this.#options
    const late = watch !== undefined && this.state === 'open' && !this.#options.signal.aborted
    if (late && !ask.json) yield '[drumline: the workflow has ended, and its last lines have not come yet]\n'
  }

  /** Rows tell the time, which counts from the start of the step. */
  #isUnknown({ stepId }: LogPart): boolean {
    const step = this.#detail.steps.find(({ id }) => id === stepId)
    return this.#options.ask.json && this.attempt >= this.#detail.attempt && step?.started === null
  }

  async #know(): Promise<void> {
    this.#detail = await this.#options.get()
    this.#text.know(this.#detail)
  }
}

function paramsOf({ id, attempt, stepId }: LogAsk): ParamsOf<'logs'> {
  return { id, ...(attempt === undefined ? {} : { attempt }), ...(stepId === undefined ? {} : { stepId }) }
}
