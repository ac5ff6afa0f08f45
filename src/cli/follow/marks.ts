import type { StepStateName, WorkflowStateName } from '../../protocol/index.ts'
import type { Style } from '../format.ts'

export type State = WorkflowStateName | StepStateName

const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']
const PLAIN_SPINNER = [...'|/-\\']
const MARKS: Partial<Record<State, readonly [fancy: string, plain: string]>> = {
  success: ['✓', '+'],
  failure: ['✗', 'x'],
  error: ['✗', 'x'],
  canceled: ['■', '#'],
  skipped: ['–', '-'],
}

/** One character for a state; what runs turns with the ticks. */
export function markOf(state: State, { unicode }: Style, tick = 0): string {
  if (state === 'running') {
    const wheel = unicode ? SPINNER : PLAIN_SPINNER
    return wheel[tick % wheel.length] ?? ''
  }
  const [fancy, plain] = MARKS[state] ?? ['·', '.']
  return unicode ? fancy : plain
}
