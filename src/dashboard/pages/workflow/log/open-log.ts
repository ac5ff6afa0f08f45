import { type ReadonlySignal, signal } from '@preact/signals'
import type { FeedData, WorkflowDetail } from '../../../../protocol/index.ts'
import type { Bus } from '../../../model/bus.ts'
import { Frames } from '../../../model/frames.ts'
import { wordsOf } from '../../../model/session.ts'
import { Scroller } from './scroller.ts'
import { type Found, LogSearch, NOTHING } from './search.ts'
import { type LogName, storedLog } from './source.ts'
import { StepLog } from './step-log.ts'

/** Lines that are read before they are seen, above and below. */
const AHEAD = 100

/** A log that is being looked at: its lines, the window on them, and what is looked for in it. */
export class OpenLog {
  readonly name: LogName
  readonly scroller = new Scroller()
  readonly log: StepLog
  readonly search: LogSearch
  readonly #bus: Bus
  readonly #version = signal(0)
  readonly #found = signal(NOTHING)
  readonly #match = signal<number | null>(null)
  readonly #state = signal<WorkflowDetail['logs']>('open')
  readonly #trouble = signal('')
  readonly #whole = signal<ReadonlySet<number>>(new Set())
  readonly #frames = new Frames(() => this.#draw())
  readonly source: ReturnType<typeof storedLog>
  /** The next match that is found is gone to: 1 onwards, −1 back. */
  #seeking = 0
  /** The line to go to once it is there. */
  #wanted = 0
  #closed = false

  constructor(bus: Bus, name: LogName) {
    this.#bus = bus
    this.name = name
    this.source = storedLog(bus, name, (state) => {
      this.#state.value = state
    })
    this.log = new StepLog({ source: this.source, onChange: () => this.#frames.ask() })
    this.search = new LogSearch(this.source.search, (found) => this.#take(found))
  }

  /** Raised, at most once a frame, when lines have come. */
  get version(): ReadonlySignal<number> {
    return this.#version
  }

  get found(): ReadonlySignal<Found> {
    return this.#found
  }

  /** The line of the match that the reader is at. */
  get match(): ReadonlySignal<number | null> {
    return this.#match
  }

  /** As the server said last. */
  get state(): ReadonlySignal<WorkflowDetail['logs']> {
    return this.#state
  }

  /** Why no more comes by itself, or empty. */
  get trouble(): ReadonlySignal<string> {
    return this.#trouble
  }

  /** Long lines that are shown to their end. */
  get whole(): ReadonlySignal<ReadonlySet<number>> {
    return this.#whole
  }

  showWhole(line: number): void {
    this.#whole.value = new Set([...this.#whole.value, line])
  }

  /** Answers what ends it. */
  start(): () => void {
    const { id } = this.name
    const onEnd = (error: Error) => {
      this.#trouble.value = wordsOf(error)
    }
    const listener = { onData: (data: FeedData) => this.#hear(data), onMissed: () => void this.log.catchUp(), onEnd }
    const subscription = this.#bus.subscribe(`logs/${id}`, listener)
    // What was stored before it was listened to.
    subscription.then(() => this.log.catchUp(), onEnd)
    return () => {
      this.#closed = true
      this.log.close()
      this.search.close()
      subscription.then(
        (live) => live.close(),
        () => {},
      )
    }
  }

  /** What the server says of the workflow, while this is its latest attempt. */
  know({ steps, missing, logs }: WorkflowDetail): void {
    const { stepId } = this.name
    const lines = steps.find(({ id }) => id === stepId)?.lines ?? 0
    this.#state.value = logs
    this.log.know({ lines, missing: missing.filter((gap) => gap.stepId === stepId) })
  }

  /** Also before its lines are known of: once they are, it is gone to. */
  goTo(line: number): void {
    this.#wanted = line
    this.#frames.ask()
  }

  /** Rows that are drawn: their lines, and those around them, are wanted. */
  drawn({ from, to }: { readonly from: number; readonly to: number }): void {
    const lines = [from, to - 1].map((row) => {
      const content = this.log.layout.at(Math.max(0, row))
      return 'line' in content ? content.line : content.gap.from
    })
    this.log.show({ from: (lines[0] ?? 1) - AHEAD, to: (lines[1] ?? 1) + AHEAD })
  }

  /** To the next match, or with −1 to the one before; at an end on from the other. */
  step(way: 1 | -1): void {
    const { lines, done } = this.#found.value
    const at = this.#match.value ?? this.#firstShown() - (way === 1 ? 1 : 0)
    const next = way === 1 ? lines.find((line) => line > at) : lines.findLast((line) => line < at)
    if (next === undefined && !done) {
      this.#seeking = way
      return
    }
    const line = next ?? (way === 1 ? lines[0] : lines.at(-1))
    if (line === undefined) return
    this.#match.value = line
    this.#reveal(line)
  }

  seek(text: string): void {
    this.#match.value = null
    this.#seeking = text === '' ? 0 : 1
    this.search.start(text)
  }

  #take(found: Found): void {
    this.#found.value = found
    // The search may know of lines that were not told of yet.
    if (found.scanned > this.log.layout.total) this.log.know({ lines: found.scanned, missing: [] })
    const way = this.#seeking
    if (way === 0 || (found.lines.length === 0 && !found.done)) return
    this.#seeking = 0
    // Not found yet in that direction: it is sought on.
    this.step(way === 1 ? 1 : -1)
  }

  #firstShown(): number {
    const content = this.log.layout.at(this.scroller.first)
    return 'line' in content ? content.line : content.gap.from
  }

  #reveal(line: number): void {
    this.scroller.show(this.log.layout)
    this.scroller.reveal(line)
  }

  #hear(data: FeedData): void {
    if (data.kind !== 'log') return
    const { attempt, part } = data
    if (attempt === this.name.attempt && part.stepId === this.name.stepId) this.log.take(part)
  }

  #draw(): void {
    if (this.#closed) return
    this.#version.value++
    this.scroller.show(this.log.layout)
    if (this.#wanted > 0 && this.#wanted <= this.log.layout.total) {
      this.scroller.reveal(this.#wanted)
      this.#wanted = 0
    }
    this.search.grown(this.log.layout.total)
  }
}
