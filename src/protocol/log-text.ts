import { BusError } from './errors.ts'
import { ShownGaps } from './shown-gaps.ts'
import type { LogChunk, LogPart, MissingLines, WorkflowDetail } from './views.ts'
import type { LogKind } from './workflow.ts'

export interface PrinterOptions {
  /** Also the echo of commands, and what the agent says. */
  readonly everything: boolean
  /** How a line is written; default as it is. */
  readonly line?: (stepId: string, kind: LogKind, text: string) => string
}

export interface LogTextOptions {
  /** Also the echo of commands, and what the agent says. */
  readonly everything: boolean
  /** An object a line in place of text. */
  readonly json: boolean
  /** Text has a line in place of lines that are missing. */
  readonly marks: boolean
}

/** A line without an end is not kept longer than this. */
const MOST = 1024 * 1024

/** Parts of a log as text. Pieces of one long line are joined, whatever comes between them. */
export class LogPrinter {
  readonly #options: PrinterOptions
  readonly #pieces = new Map<string, { stepId: string; kind: LogKind; text: string }>()

  constructor(options: PrinterOptions) {
    this.#options = options
  }

  text(part: LogPart): string {
    if (part.kind === 'gap') return ''
    if (this.#options.line === undefined && this.#pieces.size === 0 && part.runs.every(isPlainOutput)) return part.text
    let printed = ''
    for (const { kind, text } of linesOf(part)) printed += this.#line(part.stepId, kind, text)
    return printed
  }

  /** What still waits for its end; call at the end of the log. */
  rest(): string {
    const printed = [...this.#pieces.values()].map(({ stepId, kind, text }) => this.#print(stepId, kind, text)).join('')
    this.#pieces.clear()
    return printed
  }

  #line(stepId: string, kind: LogKind, text: string): string {
    if (!this.#options.everything && !isOutput(kind)) return ''
    const place = `${stepId} ${kind.replace('+', '')}`
    const whole = (this.#pieces.get(place)?.text ?? '') + text
    if (kind.endsWith('+') && whole.length < MOST) {
      this.#pieces.set(place, { stepId, kind, text: whole })
      return ''
    }
    this.#pieces.delete(place)
    return this.#print(stepId, kind, whole)
  }

  #print(stepId: string, kind: LogKind, text: string): string {
    return `${this.#options.line?.(stepId, kind, text) ?? text}\n`
  }
}

function isPlainOutput([, , kind]: readonly [number, number, LogKind]): boolean {
  return kind === 'out' || kind === 'err'
}

/** What the step itself wrote. */
function isOutput(kind: LogKind): boolean {
  return kind.startsWith('out') || kind.startsWith('err')
}

/** A log as it is handed out, by whichever door: text, or an object a line. */
export class LogText {
  readonly #options: LogTextOptions
  readonly #printer: LogPrinter
  readonly #gaps = new ShownGaps()
  #detail: WorkflowDetail

  /** `detail` names the steps; `know` a newer one as it comes. */
  constructor(detail: WorkflowDetail, options: LogTextOptions) {
    this.#options = options
    this.#printer = new LogPrinter(options)
    this.#detail = detail
  }

  know(detail: WorkflowDetail): void {
    this.#detail = detail
  }

  text(attempt: number, part: LogPart): string {
    this.#gaps.saw(attempt, part)
    if (part.kind === 'gap' && this.#options.marks) return this.#mark(part)
    return this.#options.json ? this.#rows(attempt, part) : this.#printer.text(part)
  }

  /** What still waits for its end. */
  rest(): string {
    return this.#printer.rest()
  }

  /** The end of the log: what still waits for its own, and what is missing beyond the gaps that were among the parts. */
  end(missing: readonly MissingLines[]): string {
    const { json, marks } = this.#options
    const others = json || marks ? this.#gaps.othersOf(missing) : []
    return this.rest() + others.map((range) => this.#mark(range)).join('')
  }

  /** A line in place of lines that are missing. A step may print the same: who must be sure reads JSON. */
  #mark(missing: Range): string {
    const name = this.#detail.steps.find(({ id }) => id === missing.stepId)?.name ?? missing.stepId
    if (this.#options.json) return missingRow(missing, name)
    return `${this.rest()}[drumline: ${describeMissing(missing, name)}]\n`
  }

  #rows(attempt: number, part: LogPart): string {
    const step = this.#detail.steps.find(({ id }) => id === part.stepId)
    // Steps are shown as of the latest attempt; when those of an older one started is not known here.
    const started = attempt === this.#detail.attempt ? step?.started : null
    return toRows(part, { name: step?.name ?? part.stepId, started: started ?? null }, this.#options)
  }
}

interface Line {
  readonly number: number
  /** Milliseconds since the step started. */
  readonly ms: number
  readonly kind: LogKind
  readonly text: string
}

/** The lines of a part, one by one. */
function* linesOf({ from, text, runs }: LogChunk): Generator<Line> {
  let at = 0
  let number = from
  for (const [count, ms, kind] of runs) {
    for (let index = 0; index < count; index++) {
      const end = text.indexOf('\n', at)
      yield { number: number++, ms, kind, text: text.slice(at, end < 0 ? text.length : end) }
      at = end < 0 ? text.length : end + 1
    }
  }
}

/** A part as JSON, one object a line. */
export function toRows(
  part: LogPart,
  step: { readonly name: string; readonly started: Date | null },
  { everything, workflow }: { everything: boolean; workflow?: string },
): string {
  if (part.kind === 'gap') return missingRow(part, step.name, workflow)
  const extra = workflow === undefined ? {} : { workflow }
  let rows = ''
  for (const { number, ms, kind, text } of linesOf(part)) {
    if (!everything && !isOutput(kind)) continue
    const time = step.started === null ? null : step.started.getTime() + ms
    rows += `${JSON.stringify({ ...extra, step: step.name, line: number, time, kind, text })}\n`
  }
  return rows
}

type Range = Pick<MissingLines, 'stepId' | 'from' | 'to' | 'reason'>

/** Which lines of a step are missing and why, on one line. */
export function describeMissing({ from, to, reason }: Range, step: string): string {
  return `${linesMissing(from, to, step)} missing: ${reason.replace(/\p{Cc}+/gu, ' ')}`
}

/** Where nobody knows the end, there may have been nothing more. */
function linesMissing(from: number, to: number | null, step: string): string {
  if (to === null) return from === 1 ? `whatever ${step} wrote is` : `whatever followed line ${from - 1} of ${step} is`
  return from === to ? `line ${from} of ${step} is` : `lines ${from} to ${to} of ${step} are`
}

/** The row of lines that are missing. */
export function missingRow(range: Range, step: string, workflow?: string): string {
  const { from: line, to } = range
  const text = describeMissing(range, step)
  const row = { ...(workflow === undefined ? {} : { workflow }), step, line, to, time: null, kind: 'gap', text }
  return `${JSON.stringify(row)}\n`
}

/** The id of a step that is named by its name or its id; `not_found` if there is none. */
export function stepIdOf({ steps, name }: WorkflowDetail, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined
  const step = steps.find((candidate) => candidate.name === wanted) ?? steps.find(({ id }) => id === wanted)
  if (step !== undefined) return step.id
  const names = steps.map((candidate) => candidate.name).join(', ')
  throw new BusError('not_found', `${name} has no step ${JSON.stringify(wanted)}; it has ${names}`)
}
