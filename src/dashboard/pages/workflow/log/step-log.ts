import type { LogPart } from '../../../../protocol/index.ts'
import type { Line } from './block.ts'
import { Blocks, type Range } from './blocks.ts'
import { type Gap, Layout } from './layout.ts'

/** Where the lines of one step of one attempt come from. */
export interface LogSource {
  /** A page of what is stored, beginning with the part that holds the line. */
  read(from: number): Promise<{ readonly parts: readonly LogPart[]; readonly missing: readonly Gap[] }>
  /** How far it goes: the number of the last stored line, 0 without any, and what is missing by now. */
  end(): Promise<{ readonly lines: number; readonly missing: readonly Gap[] }>
}

interface StepLogOptions {
  readonly source: LogSource
  /** Called with every change of what can be shown. */
  readonly onChange: () => void
  /** Characters of lines that are held. Default 8 Mi. */
  readonly most?: number
}

/** What failed is tried again then. */
const AGAIN_MS = 2000
/** A stored line before this many of the same step is where a piece of a long line may have begun. */
const APART = 50

/** The log of one step of one attempt: what is here of it, and what is known of the rest. */
export class StepLog {
  readonly #options: StepLogOptions
  readonly #blocks: Blocks
  #layout = new Layout(0, [])
  #wanted: Range = { from: 1, to: 0 }
  #reading = false
  /** Whether the end has to be asked for again. */
  #behind = false
  #trouble = ''
  #known = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: StepLogOptions) {
    this.#options = options
    this.#blocks = new Blocks(options.most)
  }

  get layout(): Layout {
    return this.#layout
  }

  /** Whether the server has said how many lines there are. */
  get isKnown(): boolean {
    return this.#known
  }

  /** Why lines that are wanted are not here, or empty. */
  get trouble(): string {
    return this.#trouble
  }

  /** Characters that are held, and what they cost beside. */
  get held(): number {
    return this.#blocks.cost
  }

  /** Undefined: not here yet, or in a gap. */
  line(number: number): Line | undefined {
    return this.#blocks.line(number)
  }

  /** Whether it goes on with a line that the agent had to send in pieces. Known once the piece before is here. */
  isContinued({ number, kind }: Line): boolean {
    const stream = kind.replace('+', '')
    for (let before = number - 1; before >= Math.max(1, number - APART); before--) {
      const line = this.#blocks.line(before)
      if (line === undefined) return false
      if (line.kind.replace('+', '') === stream) return line.kind.endsWith('+')
    }
    return false
  }

  /** A part that came live or was read, in any order. */
  take(part: LogPart): void {
    if (part.kind === 'gap') this.#addGap(part)
    else {
      this.#layout = this.#layout.withTotal(part.to)
      this.#blocks.add(part)
    }
    this.#changed()
  }

  /** What the server says of the whole. */
  know({ lines, missing }: { readonly lines: number; readonly missing: readonly Gap[] }): void {
    this.#known = true
    this.#layout = this.#layout.withTotal(lines)
    for (const gap of missing) this.#addGap(gap)
    this.#changed()
  }

  /** Lines may have come that nobody told of here: asks how far it goes. */
  async catchUp(): Promise<void> {
    this.#behind = false
    try {
      const end = await this.#options.source.end()
      if (!this.#closed) this.know(end)
    } catch (error) {
      this.#behind = true
      this.#fail(error)
    }
  }

  /** These lines are shown: what is missing of them is read, and none of them go. */
  show(range: Range): void {
    this.#wanted = range
    this.#blocks.keep(range)
    void this.#fill()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #addGap(gap: Gap): void {
    this.#layout = this.#layout.withTotal(gap.to ?? gap.from - 1).withGap(gap)
  }

  async #fill(): Promise<void> {
    if (this.#reading || this.#closed || this.#timer !== undefined) return
    this.#reading = true
    try {
      for (let hole = this.#hole(); hole !== undefined && !this.#closed; ) {
        hole = await this.#readFrom(hole)
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#reading = false
    }
  }

  /** Answers the next hole. */
  async #readFrom(hole: number): Promise<number | undefined> {
    const { parts, missing } = await this.#options.source.read(hole)
    if (this.#closed) return undefined
    this.#trouble = ''
    for (const part of parts) this.take(part)
    this.know({ lines: 0, missing })
    const next = this.#hole()
    if (next === hole) throw new Error(`line ${hole} is not stored yet`)
    return next
  }

  /** The first line that is wanted and not here. */
  #hole(): number | undefined {
    const last = Math.min(this.#wanted.to, this.#layout.total)
    for (let line = Math.max(1, this.#wanted.from); line <= last; ) {
      const gap = this.#layout.gapOf(line)
      if (gap?.to === null) return undefined
      const end = gap?.to ?? this.#blocks.endOf(line)
      if (end === undefined) return line
      line = end + 1
    }
    return undefined
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    this.#trouble = error instanceof Error ? error.message : String(error)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#behind) void this.catchUp()
      void this.#fill()
    }, AGAIN_MS)
    this.#changed()
  }

  #changed(): void {
    if (!this.#closed) this.#options.onChange()
  }
}
