import type { FrameOf, LogKind } from '../../protocol/index.ts'
import { LOGS, lineOffset } from '../../protocol/index.ts'
import { stretches } from './lines.ts'
import { OpenLines } from './open-lines.ts'
import {
  costOf,
  cutAfter,
  type FilePart,
  type GapPart,
  lastLine,
  linesFor,
  type MemoryPart,
  type Part,
} from './part.ts'
import type { Shelf } from './shelf.ts'

const NO_ROOM = 'the agent had no room left for these lines'
const UNREADABLE = 'the spool file could not be read'
const FORGOTTEN = 'the server had these lines and has lost them: its disk was exchanged for an older one'
/** Credit that any line fits into: less is not worth cutting a frame for, and more always comes. */
const ONE_LINE = LOGS.lineBytes + LOGS.lineCost

export type Slice = FrameOf<'log'> | FrameOf<'gap'>

/**
 * The lines of one step that are not yet on the server's disk, in order: parts that were sent on this connection, parts
 * that were not, and lines still gathered for a frame.
 */
export class StepLog {
  readonly lease: string
  readonly stepId: string
  readonly #shelf: Shelf
  readonly #open = new OpenLines()
  #parts: Part[] = []
  /** How many of the parts were sent on this connection. */
  #sent = 0
  /** Number of the next line. */
  #next = 1
  /** Lines gathered so far are to leave without waiting for more. */
  #due = false

  constructor(lease: string, stepId: string, shelf: Shelf) {
    this.lease = lease
    this.stepId = stepId
    this.#shelf = shelf
  }

  get next(): number {
    return this.#next
  }

  /** Everything is on the server's disk. */
  get empty(): boolean {
    return this.#parts.length === 0 && this.#open.empty
  }

  get gathering(): boolean {
    return !this.#open.empty
  }

  /** There is something that may be sent now. */
  get sendable(): boolean {
    return this.#sent < this.#parts.length || (this.#due && !this.#open.empty)
  }

  /** Parts that were not sent yet: of these the spool cuts when it has no room. */
  get waiting(): number {
    return this.#parts.length - this.#sent
  }

  append(text: string, kind: LogKind, ms: number): void {
    for (const stretch of stretches(text, kind, (of) => this.#open.room(of, ms))) {
      const room = this.#open.room(stretch.kind, ms)
      if (stretch.lines > room.lines || stretch.bytes > room.bytes) this.#seal()
      this.#open.add(stretch.text, stretch.lines, stretch.bytes, stretch.kind, ms)
      this.#next += stretch.lines
    }
  }

  /** Begins with what a dead predecessor had made: its first lines, without a hole. */
  restore(parts: Iterable<MemoryPart | GapPart>): void {
    for (const part of parts) {
      if (part.at === 'gap') {
        this.#seal()
        this.#parts.push(part)
        this.#next = lastLine(part) + 1
        continue
      }
      let rest = part.text
      for (const [count, ms, kind] of part.runs) {
        const end = lineOffset(rest, count)
        this.append(rest.slice(0, end), kind, ms)
        rest = rest.slice(end)
      }
    }
    this.#seal()
  }

  /** Lines after `line` that are not on the server's disk, as far as they are still here. */
  *unstored(line: number): Generator<MemoryPart> {
    for (const part of this.#parts) {
      if (part.at === 'gap' || lastLine(part) <= line) continue
      const loaded = this.#shelf.load(part)
      if (loaded !== undefined) yield* after(loaded, line)
    }
    if (!this.#open.empty) yield* after(this.#open.look(this.#next - this.#open.lines), line)
  }

  /** What was gathered need not wait any longer. */
  flush(): void {
    this.#due = !this.#open.empty
  }

  /** The next frame, if it fits the credit; undefined when it does not, or there is none. */
  take(credit: number): Slice | undefined {
    if (this.#sent === this.#parts.length && this.#due) this.#seal()
    const part = this.#parts[this.#sent]
    if (part === undefined) return undefined
    if (part.at === 'gap') return this.#send(this.#gapFrame(part.from, part.count, part.reason))
    if (costOf(part) > credit && credit < ONE_LINE) return undefined
    const loaded = this.#shelf.load(part)
    if (loaded === undefined) return this.#lose(part)
    const fitting = costOf(part) > credit ? this.#cut(this.#sent, loaded, linesFor(loaded, credit)) : loaded
    const { lease, stepId } = this
    return this.#send({
      type: 'log',
      lease,
      stepId,
      from: fitting.from,
      text: fitting.text,
      runs: fitting.runs.map(([count, ms, kind]) => [count, ms, kind]),
    })
  }

  /** Lines up to here are on disk. With `rewind`, or on a new connection, everything after is sent again. */
  stored(upto: number, rewind: boolean): void {
    while (this.#parts[0] !== undefined && lastLine(this.#parts[0]) <= upto) this.#dropFirst()
    const first = this.#parts[0]
    if (first !== undefined && first.from <= upto) this.#trimFirst(first, upto - first.from + 1)
    if (!rewind) return
    this.#sent = 0
    this.#ownUp(upto)
  }

  /** Drops a part from the middle of what waits, so that both the beginning and the end of a flood are kept. */
  cutMiddle(): void {
    const gap = this.#parts.findIndex((part, index) => index >= this.#sent && part.at === 'gap')
    if (gap === -1) {
      this.#toGap(this.#sent + Math.floor(this.waiting / 2))
      return
    }
    const after = this.#parts.length - 1 - gap
    const before = gap - this.#sent
    this.#toGap(after >= before ? gap + 1 : gap - 1)
    this.#joinGaps(after >= before ? gap : gap - 1)
  }

  /** Forgets all. */
  release(): void {
    for (const part of this.#parts) this.#shelf.release(part)
    this.#parts = []
    this.#sent = 0
  }

  /** What a server once had on its disk is not here any more: where it has lost that, nobody else has it. */
  #ownUp(upto: number): void {
    const from = upto + 1
    const count = (this.#parts[0]?.from ?? this.#next - this.#open.lines) - from
    if (count > 0) this.#parts.unshift({ at: 'gap', from, count, reason: FORGOTTEN })
  }

  #seal(): void {
    this.#due = false
    if (this.#open.empty) return
    const part = this.#open.take(this.#next - this.#open.lines)
    const { from, count } = part
    this.#parts.push(this.#shelf.put(part) ?? { at: 'gap', from, count, reason: NO_ROOM })
    if (this.#parts.at(-1)?.at === 'gap') this.#joinGaps(this.#parts.length - 2)
  }

  #send(slice: Slice): Slice {
    this.#sent++
    return slice
  }

  #gapFrame(from: number, count: number, reason: string): Slice {
    return { type: 'gap', lease: this.lease, stepId: this.stepId, from, to: from + count - 1, reason }
  }

  #lose(part: FilePart | MemoryPart): Slice {
    const { from, count } = part
    this.#shelf.release(part)
    this.#parts[this.#sent] = { at: 'gap', from, count, reason: UNREADABLE }
    return this.#send(this.#gapFrame(from, count, UNREADABLE))
  }

  /** Replaces a part by its first `count` lines and the rest; answers the first. */
  #cut(index: number, part: MemoryPart, count: number): MemoryPart {
    const [head, tail] = cutAfter(part, count)
    const old = this.#parts[index]
    if (old !== undefined) this.#shelf.release(old)
    this.#shelf.keep(head)
    this.#shelf.keep(tail)
    this.#parts.splice(index, 1, head, tail)
    return head
  }

  #dropFirst(): void {
    const part = this.#parts.shift()
    if (part !== undefined) this.#shelf.release(part)
    if (this.#sent > 0) this.#sent--
  }

  #trimFirst(part: Part, count: number): void {
    if (part.at === 'gap') {
      this.#parts[0] = { ...part, from: part.from + count, count: part.count - count }
      return
    }
    const loaded = this.#shelf.load(part)
    // What cannot be read is said when its turn comes.
    if (loaded === undefined) return
    this.#cut(0, loaded, count)
    if (this.#sent > 0) this.#sent++
    this.#dropFirst()
  }

  #toGap(index: number): void {
    const part = this.#parts[index]
    if (part === undefined || part.at === 'gap') return
    const { from, count } = part
    this.#shelf.release(part)
    this.#parts[index] = { at: 'gap', from, count, reason: NO_ROOM }
  }

  /** Makes one gap of two neighbours, unless the first has been sent. */
  #joinGaps(index: number): void {
    const first = this.#parts[index]
    const second = this.#parts[index + 1]
    if (index < this.#sent || first?.at !== 'gap' || second?.at !== 'gap') return
    this.#parts.splice(index, 2, { ...first, count: first.count + second.count })
  }
}

/** What of a part comes after a line. */
function after(part: MemoryPart, line: number): MemoryPart[] {
  if (lastLine(part) <= line) return []
  return [part.from > line ? part : cutAfter(part, line - part.from + 1)[1]]
}
