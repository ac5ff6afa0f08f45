import { type AgentView, TREND, type TrendPoint, type WorkflowView } from '../../protocol/index.ts'
import { paint, paintState, printable, type Style, showAge, showDuration } from '../format.ts'
import { table } from '../table.ts'
import type { Overview } from './watch.ts'

const BARS = { unicode: '▁▂▃▄▅▆▇█', ascii: '.:-=+*#@' }
const BOLD = 1
const DIM = 2
const RED = 31
const YELLOW = 33
/** Spans that a sparkline shows: ten minutes of them. */
const SPANS = 60
const SHOWN_AGENTS = 12
const SHOWN_RUNNING = 15
const SHOWN_ENDED = 8

export interface Shown extends Overview {
  readonly url: string
  /** Why nothing is heard, and since when; undefined while the link is live. */
  readonly offline: { readonly why: string; readonly since: number } | undefined
}

/** The overview as lines. What users named cannot steer the terminal: it goes through `table` and `printable`. */
export function frameOf(shown: Shown, now: number, style: Style): string[] {
  const { agents, running, ended } = shown
  const online = agents.filter(({ state }) => state !== 'offline')
  const busy = online.reduce((sum, agent) => sum + agent.running, 0)
  const slots = online.reduce((sum, agent) => sum + agent.capacity, 0)
  return [
    titleOf(shown, now, style),
    queueOf(shown, style),
    ...trendOf(shown.points, now, style),
    '',
    ...section(`Agents: ${busy} of ${slots} slots taken`, agents, SHOWN_AGENTS, style, (rows) =>
      table(
        ['NAME', 'STATE', 'SLOTS', 'RUNS'],
        rows.map((agent) => agentCells(agent, running)),
        style,
      ),
    ),
    ...section('Running', running, SHOWN_RUNNING, style, (rows) =>
      table(
        ['NAME', 'AGENT', 'FOR', 'ID'],
        rows.map((workflow) => runningCells(workflow, now)),
        style,
      ),
    ),
    ...section('Ended', ended, SHOWN_ENDED, style, (rows) =>
      table(
        ['NAME', 'STATE', 'TOOK', 'ENDED', 'ID'],
        rows.map((workflow) => endedCells(workflow, now)),
        style,
      ),
    ),
  ]
}

function titleOf({ url, offline }: Shown, now: number, style: Style): string {
  const link =
    offline === undefined
      ? paintState('online', style, 'live')
      : paint(`offline for ${showDuration(now - offline.since)}: ${printable(offline.why)}`, RED, style)
  return `${paint('drumline', BOLD, style)} ${printable(url)}  ${link}`
}

function queueOf({ queue }: Shown, style: Style): string {
  if (queue === null) return 'Queue     -'
  const { pending, waiting, offered, running, paused } = queue
  const counts = `${pending} pending, ${waiting} waiting, ${offered} offered, ${running} running`
  return `Queue     ${counts}${paused ? paint('  paused: nothing is handed out', YELLOW, style) : ''}`
}

function trendOf(points: readonly TrendPoint[] | null, now: number, style: Style): string[] {
  if (points === null) return ['Trend     not shown to a credential with labels']
  const last = points.filter(({ time }) => now - time.getTime() <= SPANS * TREND.spanMs + TREND.spanMs)
  if (last.length === 0) return ['Ended     - (measured every 10 s)', 'Cancels   -']
  const ends = last.map((point) => point.success + point.failure + point.canceled)
  const cancels = last.map(({ cancelMs }) => cancelMs?.max ?? 0)
  const sum = ends.reduce((all, each) => all + each, 0)
  const longest = Math.max(...cancels)
  const count = last.reduce((all, { cancelMs }) => all + (cancelMs?.count ?? 0), 0)
  const span = showDuration(last.length * TREND.spanMs)
  const cancelText = count === 0 ? 'none' : `${count}, the longest ${showDuration(longest)}`
  return [`Ended     ${sparkOf(ends, style)} ${sum} in ${span}`, `Cancels   ${sparkOf(cancels, style)} ${cancelText}`]
}

/** One mark a value, by its share of the largest; a blank is none. */
export function sparkOf(values: readonly number[], { unicode }: Pick<Style, 'unicode'>): string {
  const bars = unicode ? BARS.unicode : BARS.ascii
  const most = Math.max(1, ...values)
  return values.map((value) => (value === 0 ? ' ' : (bars[Math.ceil((value / most) * bars.length) - 1] ?? ''))).join('')
}

function section<T>(
  title: string,
  rows: readonly T[],
  most: number,
  style: Style,
  draw: (rows: readonly T[]) => string,
): string[] {
  if (rows.length === 0) return [paint(`${title}: none`, BOLD, style), '']
  const more = rows.length > most ? [paint(`and ${rows.length - most} more`, DIM, style)] : []
  return [paint(title, BOLD, style), ...draw(rows.slice(0, most)).trimEnd().split('\n'), ...more, '']
}

function agentCells(
  { name, state, schedulable, running, capacity }: AgentView,
  all: readonly WorkflowView[],
): string[] {
  const runs = all.filter(({ agent }) => agent === name).map((workflow) => workflow.name)
  const shown = schedulable ? state : `${state}, unschedulable`
  return [name, shown, `${running}/${capacity}`, runs.length === 0 ? '-' : runs.join(', ')]
}

function runningCells({ name, agent, started, id }: WorkflowView, now: number): string[] {
  return [name, agent ?? '-', started === null ? '-' : showDuration(now - started.getTime()), id]
}

function endedCells({ name, state, started, finished, id }: WorkflowView, now: number): string[] {
  const took = started && finished ? showDuration(finished.getTime() - started.getTime()) : '-'
  return [name, state, took, showAge(finished, now), id]
}
