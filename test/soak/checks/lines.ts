import type { LogChunk, LogKind, LogPart, WorkflowDetail } from '../../../src/protocol/index.ts'
import type { AttemptLog, Case, Violation } from '../evidence.ts'
import type { PlannedStep } from '../plan.ts'
import { printed, type StepRecord } from '../step-script.ts'

/** Lines of a log that are no output of a step, between two that are: what the agent itself says there. */
const OWN_WORDS = 2

/** Every attempt's log is what its steps printed: each line once, in order, and what is missing is said to be. */
export function checkLines({ plan, found, logs, records }: Case): Violation[] {
  const violations: Violation[] = []
  for (const log of logs) {
    const add = (rule: string, evidence: string) =>
      violations.push({ rule, workflow: plan.name, attempt: log.number, evidence })
    for (const step of plan.steps) {
      const own = records.filter(({ attempt, step: name }) => attempt === log.number && name === step.name)
      const lines = new StepLines({ workflow: plan.name, step, log, records: own, add })
      lines.check()
      // What is missing is told of the latest attempt only.
      if (log.state === 'incomplete' && log.number === found?.attempt) lines.compareMissing(found)
    }
    const strange = log.parts.find(({ stepId }) => !plan.steps.some(({ name }) => name === stepId))
    if (strange !== undefined) add('lines of an unknown step', strange.stepId)
    if (log.state === 'open') add('log never settled', 'it is open')
    const isSuccess = found?.state === 'success' && log.number === found.attempt
    if (isSuccess && log.state !== 'complete') add('success with an incomplete log', JSON.stringify(found.missing))
  }
  return violations
}

interface Told {
  workflow: string
  step: PlannedStep
  log: AttemptLog
  /** The step's own, of this attempt. */
  records: readonly StepRecord[]
  add: (rule: string, evidence: string) => void
}

/** One step's part of one attempt's log. */
class StepLines {
  readonly #workflow: string
  readonly #step: PlannedStep
  readonly #log: AttemptLog
  readonly #records: readonly StepRecord[]
  readonly #add: (rule: string, evidence: string) => void
  /** The last line of the log, whatever it is, and the last that the step printed. */
  #position = 0
  #count = 0
  /** Lines that a gap has announced since the last printed one. */
  #announced = 0
  readonly #gaps: string[] = []

  constructor({ workflow, step, log, records, add }: Told) {
    this.#workflow = workflow
    this.#step = step
    this.#log = log
    this.#records = records
    this.#add = (rule, evidence) => add(rule, `${step.name}: ${evidence}`)
  }

  check(): void {
    for (const part of this.#log.parts) if (part.stepId === this.#step.name) this.#take(part)
    this.#compare()
  }

  /** What an incomplete log lacks is named, exactly. */
  compareMissing({ missing, steps }: WorkflowDetail): void {
    const own = missing.filter(({ stepId }) => stepId === this.#step.name)
    const inside = own.filter(({ from }) => from <= this.#position).map(({ from, to }) => `${from}-${to}`)
    if (inside.join() !== this.#gaps.join())
      this.#add('missing lines named wrongly', `named ${inside.join()}, the gaps are ${this.#gaps.join()}`)
    const tail = own.find(({ from }) => from > this.#position)
    const last = this.#records.at(-1)
    if (last?.what !== 'end' || tail?.to === null) return
    // Whose agent died before it said so: nobody knows that it ran.
    if (this.#position === 0 && steps.find(({ id }) => id === this.#step.name)?.started === null) return
    const room = this.#announced + (tail === undefined ? 0 : tail.to - tail.from + 1)
    if (last.lines - this.#count > room)
      this.#add('lines missing', `${this.#count} of ${last.lines}, announced ${room}`)
  }

  #take(part: LogPart): void {
    if (part.from !== this.#position + 1) {
      const rule = part.from <= this.#position ? 'position twice' : 'hole in the positions'
      this.#add(rule, `${part.kind} from ${part.from} to ${part.to} after ${this.#position}`)
    }
    this.#position = part.to
    if (part.kind === 'gap') {
      this.#announced += part.to - part.from + 1
      this.#gaps.push(`${part.from}-${part.to}`)
    } else for (const [text, kind] of linesOf(part)) if (isPrinted(kind)) this.#line(text)
  }

  #line(text: string): void {
    const { name } = this.#step
    const n = Number(/^\d+/.exec(text)?.[0] ?? Number.NaN)
    if (text !== printed(n, this.#workflow, name, this.#log.number)) {
      this.#add('line of something else', JSON.stringify(text))
      return
    }
    if (n <= this.#count) this.#add('line twice or out of order', `${n} after ${this.#count}`)
    else if (n - this.#count - 1 > this.#announced || n - this.#count - 1 < this.#announced - OWN_WORDS)
      this.#add('lines missing', `${n} after ${this.#count}, announced ${this.#announced}`)
    this.#count = n
    this.#announced = 0
  }

  /** With what the step wrote down of itself. */
  #compare(): void {
    const last = this.#records.at(-1)
    if (last === undefined) {
      if (this.#count > 0) this.#add('log of a step that never ran', `${this.#count} lines`)
      return
    }
    if (this.#count > this.#step.lines) this.#add('more lines than were printed', `${this.#count}`)
    if (this.#log.state !== 'complete') return
    if (this.#gaps.length > 0) this.#add('complete with gaps', this.#gaps.join())
    const enough = last.what === 'end' ? this.#count === last.lines : this.#count >= last.lines
    if (!enough) this.#add('complete and not whole', `${this.#count} lines, printed ${last.lines} by ${last.at}`)
  }
}

function isPrinted(kind: LogKind): boolean {
  return kind.startsWith('out') || kind.startsWith('err')
}

function* linesOf({ text, runs }: LogChunk): Generator<[text: string, kind: LogKind]> {
  const lines = text.split('\n')
  let at = 0
  for (const [count, , kind] of runs) for (let n = 0; n < count; n++) yield [lines[at++] ?? '', kind]
}
