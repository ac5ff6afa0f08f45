import type { Violation } from '../evidence.ts'
import type { StepRecord } from '../step-script.ts'

/** From the first to the last sign of an attempt in its lane's file. */
interface Span {
  workflow: string
  attempt: number
  agent: string
  first: number
  last: number
  from: number
  to: number
}

/**
 * In one lane, a workflow or a concurrency group of one, never two attempts are at work at a time. The order in the file
 * decides; the clock only tells people when it was.
 */
export function checkOverlap(records: readonly StepRecord[]): Violation[] {
  const spans = spansOf(records)
  return spans.flatMap((later, at) => {
    const earlier = spans.slice(0, at).filter(({ last }) => last > later.first)
    return earlier.map((span) => overlapOf(span, later))
  })
}

function overlapOf(span: Span, later: Span): Violation {
  const same = span.workflow === later.workflow
  const until = `${span.workflow} ${span.attempt} on ${span.agent} was at work from ${span.from} to ${span.to}`
  return {
    rule: same ? 'two attempts at a time' : 'group above its limit',
    workflow: later.workflow,
    attempt: later.attempt,
    evidence: `${until}, this one on ${later.agent} since ${later.from}`,
  }
}

/** By their beginning. */
function spansOf(records: readonly StepRecord[]): Span[] {
  const spans = new Map<string, Span>()
  for (const [at, { workflow, attempt, agent, at: time }] of records.entries()) {
    const key = `${workflow} ${attempt} ${agent}`
    const span = spans.get(key)
    if (span === undefined) spans.set(key, { workflow, attempt, agent, first: at, last: at, from: time, to: time })
    else Object.assign(span, { last: at, to: time })
  }
  return [...spans.values()]
}
