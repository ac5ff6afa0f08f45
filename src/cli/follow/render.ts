import { ENDED } from '../../client/node.ts'
import type { StepView } from '../../protocol/index.ts'
import { paintState, printable, type Style, showDuration, showElapsed } from '../format.ts'
import type { FollowedView } from './view.ts'
import { clipTo } from './width.ts'

export interface Frame extends Style {
  readonly columns: number
  readonly rows: number
  readonly now: number
  /** Counts redraws, for the spinner. */
  readonly tick: number
}

type State = FollowedView['state'] | StepView['state']

const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']
const PLAIN_SPINNER = [...'|/-\\']
const MARKS: Partial<Record<State, readonly [string, string]>> = {
  success: ['✓', '+'],
  failure: ['✗', 'x'],
  error: ['✗', 'x'],
  canceled: ['■', '#'],
  skipped: ['–', '-'],
}

/** The block at the bottom of the terminal: what runs, for how long, how far. Pure, and never wider than the terminal. */
export function render(views: readonly FollowedView[], frame: Frame): string[] {
  const most = Math.max(1, Math.min(12, frame.rows - 2))
  // With several, a line each; the steps of one.
  const all =
    views.length === 1
      ? views.flatMap((view) => [header(view, frame), ...stepLines(view, frame, most - 1)])
      : summary(views, frame)
  return all.slice(0, most)
}

function summary(views: readonly FollowedView[], frame: Frame): string[] {
  const most = Math.max(1, Math.min(12, frame.rows - 2))
  const moving = views.filter(({ state }) => !ENDED.has(state))
  const shown = [...moving, ...views.filter(({ state }) => ENDED.has(state))].slice(0, most - 1)
  const count = (state: State) => views.filter((view) => view.state === state).length
  const counts = (['running', 'pending', 'waiting', 'success', 'failure', 'canceled', 'skipped', 'error'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
  return [...shown.map((view) => header(view, frame)), line('', counts.join(', '), frame)]
}

function header(view: FollowedView, frame: Frame): string {
  const { state, name, agent, attempt, steps } = view
  const current = state === 'running' ? steps.find((step) => step.state === 'running') : undefined
  const facts = [
    printable(name),
    state,
    state === 'running' && agent !== null ? `on ${printable(agent)}` : '',
    attempt > 1 ? `attempt ${attempt}` : '',
    took(view, frame.now),
    current === undefined ? '' : printable(current.name),
    view.error === null ? '' : printable(view.error),
  ]
  return line(mark(state, frame), facts.filter((fact) => fact !== '').join(separator(frame)), frame, state)
}

/** The steps around the one that runs, as many as fit. */
function stepLines({ steps, lines, state }: FollowedView, frame: Frame, most: number): string[] {
  if (state === 'pending' || state === 'waiting' || state === 'offered' || most <= 0) return []
  const running = steps.findIndex((step) => step.state === 'running')
  const centre = running < 0 ? steps.findLastIndex((step) => step.state !== 'pending') : running
  const from = Math.max(0, Math.min(centre - Math.floor(most / 2), steps.length - most))
  return steps.slice(from, from + most).map((step) => {
    const seen = Math.max(lines.get(step.id) ?? 0, step.lines)
    const facts = [
      printable(step.name),
      took(step, frame.now),
      step.exitCode === null || step.exitCode === 0 ? '' : `exit ${step.exitCode}`,
      seen === 0 ? '' : `${seen.toLocaleString('en-US')} ${seen === 1 ? 'line' : 'lines'}`,
    ]
    const text = facts.filter((fact) => fact !== '').join(separator(frame))
    return line(`  ${mark(step.state, frame)}`, text, frame, step.state)
  })
}

function took({ started, finished }: { started: Date | null; finished: Date | null }, now: number): string {
  if (started === null) return ''
  if (finished !== null) return showDuration(finished.getTime() - started.getTime())
  return showElapsed(now - started.getTime())
}

function mark(state: State, { unicode, tick }: Frame): string {
  if (state === 'running') {
    const wheel = unicode ? SPINNER : PLAIN_SPINNER
    return wheel[tick % wheel.length] ?? ''
  }
  const [fancy, plain] = MARKS[state] ?? ['·', '.']
  return unicode ? fancy : plain
}

function separator({ unicode }: Frame): string {
  return unicode ? ' · ' : ' - '
}

/** One line: the mark in the state's colour, then the text, cut so that it never wraps. */
function line(sign: string, text: string, frame: Frame, state?: State): string {
  // One column stays free: a full line makes some terminals wrap at once.
  const most = frame.columns - 1
  const cut = clipTo(sign === '' ? text : `${sign} ${text}`, most, frame.unicode ? '…' : '>')
  if (state === undefined) return cut
  return paintState(state, frame, cut.slice(0, sign.length)) + cut.slice(sign.length)
}
