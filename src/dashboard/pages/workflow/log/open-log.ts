import { type ReadonlySignal, signal } from '@preact/signals'
import type { FeedData, WorkflowDetail } from '../../../../protocol/index.ts'
import type { Bus } from '../../../model/bus.ts'
import { Frames } from '../../../model/frames.ts'
import { wordsOf } from '../../../model/session.ts'
import { Matches } from './matches.ts'
import { type Rows, Scroller } from './scroller.ts'
import { type LogName, searchOf, storedLog } from './source.ts'
import { type LogSource, StepLog } from './step-log.ts'

/** Lines that are read before they are seen, above and below. */
const AHEAD = 100

/** A log that is being looked at: its lines, the window on them, and what is looked for in it. */
export class OpenLog {
  readonly name: LogName
  readonly source: LogSource
  readonly log: StepLog
  readonly matches: Matches
  readonly scroller = new Scroller()
  readonly #bus: Bus
  readonly #version = signal(0)
  readonly #state = signal<WorkflowDetail['logs']>('open')
  readonly #trouble = signal('')
  readonly #whole = signal<ReadonlySet<number>>(new Set())
  readonly #frames = new Frames(() => this.#draw())
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
    this.matches = new Matches(searchOf(bus, name), {
      first: () => this.#lineAt(this.scroller.first),
      reveal: (line) => this.#reveal(line),
      reached: (line) => {
        if (line > this.log.layout.total) this.log.know({ lines: line, missing: [] })
      },
    })
  }

  /** Raised, at most once a frame, when lines have come. */
  get version(): ReadonlySignal<number> {
    return this.#version
  }

  /** How complete it is, as the server said last. */
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
    const onEnd = (error: Error) => {
      this.#trouble.value = wordsOf(error)
    }
    const listener = { onData: (data: FeedData) => this.#hear(data), onMissed: () => void this.log.catchUp(), onEnd }
    const subscription = this.#bus.subscribe(`logs/${this.name.id}`, listener)
    // What was stored before it was listened to.
    subscription.then(() => this.log.catchUp(), onEnd)
    return () => {
      this.#closed = true
      this.log.close()
      this.matches.close()
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

  /** Also before the line is known of: once it is, it is gone to. */
  goTo(line: number): void {
    this.#wanted = line
    this.#frames.ask()
  }

  /** Rows that are drawn: their lines, and those around them, are wanted. */
  drawn({ from, to }: Rows): void {
    this.log.show({ from: this.#lineAt(from) - AHEAD, to: this.#lineAt(to - 1) + AHEAD })
  }

  #lineAt(row: number): number {
    const content = this.log.layout.at(Math.max(0, row))
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
    const { layout } = this.log
    this.#version.value++
    this.scroller.show(layout)
    this.matches.grown(layout.total)
    if (this.#wanted === 0 || this.#wanted > layout.total) return
    this.scroller.reveal(this.#wanted)
    this.#wanted = 0
  }
}
