import { ENDED } from '../../client/node.ts'
import { paintState, printable, type Style, showDuration, showElapsed } from '../format.ts'
import { clipTo, padTo, widthOf } from '../width.ts'
import { markOf, type State } from './marks.ts'
import { tally } from './tally.ts'
import type { FollowedView } from './view.ts'

export interface Frame extends Style {
  readonly rows: number
  readonly now: number
  /** Counts redraws, for the spinner. */
  readonly tick: number
}

/** The block at the bottom of the terminal: what runs, for how long, how far. Pure, and never wider than the terminal. */
export function render(views: readonly FollowedView[], frame: Frame): string[] {
  const most = Math.max(1, Math.min(12, frame.rows - 2))
  const [one] = views
  // With several, a line each; the steps of one.
  const all =
    views.length === 1 && one !== undefined
      ? [header(one, frame), ...stepLines(one, frame, most - 1)]
      : summary(views, frame, most)
  return all.slice(0, most)
}

/** What moves comes first, then what did not end well: whatever there is no room for is well or has not begun. */
function summary(views: readonly FollowedView[], frame: Frame, most: number): string[] {
  const order = ({ state }: FollowedView) =>
    state === 'success' ? 3 : ENDED.has(state) ? 2 : state === 'running' ? 0 : 1
  const shown = [...views].sort((a, b) => order(a) - order(b)).slice(0, Math.max(0, most - 1))
  const width = Math.min(Math.floor(frame.columns / 2), Math.max(...shown.map(({ name }) => widthOf(printable(name)))))
  const rows = shown.map((view) => {
    const name = padTo(clipTo(printable(view.name), width, cutMark(frame)), width)
    const facts = [took(view, frame.now), whereOf(view), stepOf(view), printable(view.note ?? '')]
    return line(view.state, `${name}  ${view.state.padEnd(8)}  ${joined(facts, frame)}`.trimEnd(), frame)
  })
  const hidden = views.length - shown.length
  return [...rows, fitted(`${tally(views)}${hidden > 0 ? ` (${hidden} not shown)` : ''}`, frame)]
}

function header(view: FollowedView, frame: Frame): string {
  const { state, name, attempt, note } = view
  const again = attempt > 1 ? `attempt ${attempt}` : ''
  const facts = [
    printable(name),
    state,
    whereOf(view),
    again,
    took(view, frame.now),
    stepOf(view),
    printable(note ?? ''),
  ]
  return line(state, joined(facts, frame), frame)
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
    return line(step.state, joined(facts, frame), frame, '  ')
  })
}

function whereOf({ state, agent }: FollowedView): string {
  return state === 'running' && agent !== null ? `on ${printable(agent)}` : ''
}

/** The steps that run now; a DAG has several. */
function stepOf({ state, steps }: FollowedView): string {
  if (state !== 'running') return ''
  return steps
    .filter((step) => step.state === 'running')
    .map(({ name }) => printable(name))
    .join(', ')
}

function took({ started, finished }: { started: Date | null; finished: Date | null }, now: number): string {
  if (started === null) return ''
  if (finished !== null) return showDuration(finished.getTime() - started.getTime())
  return showElapsed(now - started.getTime())
}

function joined(facts: readonly string[], { unicode }: Frame): string {
  return facts.filter((fact) => fact !== '').join(unicode ? ' · ' : ' - ')
}

/** One line: the mark in the state's colour, then the text. */
function line(state: State, text: string, frame: Frame, indent = ''): string {
  const sign = indent + markOf(state, frame, frame.tick)
  const cut = fitted(`${sign} ${text}`, frame)
  return paintState(state, frame, cut.slice(0, sign.length)) + cut.slice(sign.length)
}

/** Cut so that it never wraps. One column stays free: a full line makes some terminals wrap at once. */
function fitted(text: string, frame: Frame): string {
  return clipTo(text, frame.columns - 1, cutMark(frame))
}

function cutMark({ unicode }: Style): string {
  return unicode ? '…' : '>'
}
