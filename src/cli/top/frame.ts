import { TREND, type TrendPoint } from '../../protocol/index.ts'
import { paint, paintState, printable, type Style, showDuration } from '../format.ts'
import { cutTo, wrap } from './fit.ts'
import { sectionsOf } from './sections.ts'
import type { Overview } from './watch.ts'

const BARS = { unicode: '▁▂▃▄▅▆▇█', ascii: '.:-=+*#@' }
const BOLD = 1
const RED = 31
const YELLOW = 33
/** Spans that a sparkline shows at most: ten minutes of them. */
const SPANS = 60
/** Cells of a sparkline's line that tell it in words. */
const WORDS = 32

export interface Shown extends Overview {
  readonly url: string
  /** Why nothing is heard, and since when; undefined while the link is live. */
  readonly offline: { readonly why: string; readonly since: number } | undefined
  /** Id of the workflow that the keys mean. */
  readonly chosen: string | undefined
  /** Lines that stand at the bottom whatever the room. */
  readonly foot: readonly string[]
}

/** The overview as so many lines at most. What users named cannot steer the terminal: it goes through `table` and `printable`. */
export function frameOf(shown: Shown, now: number, style: Style, rows = Number.POSITIVE_INFINITY): string[] {
  const { foot, chosen } = shown
  const head = [...titleOf(shown, now, style), queueOf(shown, style), ...trendOf(shown.points, now, style)]
  if (rows >= head.length + foot.length + 10) head.push('')
  const room = Math.max(0, rows - head.length - foot.length)
  const body = [...head, ...sectionsOf(shown, now, style, { rows: room, chosen })].slice(
    0,
    Math.max(0, rows - foot.length),
  )
  return [...body, ...foot].map((line) => cutTo(line, style))
}

function titleOf({ url, offline }: Shown, now: number, style: Style): string[] {
  const title = paint('drumline', BOLD, style)
  if (offline === undefined) return [`${title}  ${paintState('online', style, 'live')}  ${printable(url)}`]
  const age = paint(`offline for ${showDuration(now - offline.since)}`, RED, style)
  return [
    `${title}  ${age}  ${printable(url)}`,
    ...wrap(printable(offline.why), style.columns).map((line) => paint(line, RED, style)),
  ]
}

function queueOf({ queue }: Shown, style: Style): string {
  if (queue === null) return 'Queue     -'
  const { pending, waiting, offered, running, paused } = queue
  const counts = `${pending} pending, ${waiting} waiting, ${offered} offered, ${running} running`
  return `Queue     ${paused ? `${paint('paused', YELLOW, style)}, ` : ''}${counts}`
}

function trendOf(points: readonly TrendPoint[] | null, now: number, style: Style): string[] {
  if (points === null) return ['Trend     not for a token with labels']
  const spans = Math.max(1, Math.min(SPANS, style.columns - WORDS))
  const last = points.filter(({ time }) => now - time.getTime() <= (spans + 1) * TREND.spanMs)
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
