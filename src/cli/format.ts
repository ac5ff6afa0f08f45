import type { AgentView, CancelView, StepStateName, WorkflowStateName } from '../protocol/index.ts'
import type { Output, World } from './world.ts'

type State = WorkflowStateName | StepStateName | AgentView['state']

/** How much an output can show. */
export interface Style {
  readonly color: boolean
  readonly unicode: boolean
  /** Of a terminal; endless elsewhere. */
  readonly columns: number
}

const COLORS: ReadonlyMap<string, number> = new Map<State, number>([
  ['success', 32],
  ['failure', 31],
  ['error', 31],
  ['canceled', 33],
  ['running', 36],
  ['offered', 36],
  ['online', 32],
  ['draining', 33],
])

/** In a colour of the terminal's own palette, by its SGR code. */
export function paint(text: string, code: number, { color }: Style): string {
  return color ? `\x1b[${code}m${text}\x1b[0m` : text
}

/** A text in the colour of the state that it names, or begins with. */
export function paintState(state: string, style: Style, text: string = state): string {
  const code = COLORS.get(/^\w*/.exec(state)?.[0] ?? '')
  return code === undefined ? text : paint(text, code, style)
}

/** What is written where, by the conventions of terminals: NO_COLOR, TERM=dumb, the locale. */
export function styleOf({ isTerminal, columns }: Output, env: World['env']): Style {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const color = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
  return { color, unicode: /utf-?8/i.test(locale), columns: isTerminal ? columns : Number.POSITIVE_INFINITY }
}

/** `40ms`, `1.4s`, `12s`, `3m05s`, `2h07m`, `3d04h`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`
  const seconds = ms / 1000
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole}s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m${pad(whole % 60)}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h${pad(minutes % 60)}m` : `${Math.floor(hours / 24)}d${pad(hours % 24)}h`
}

/** Of what still runs: tenths of a second are lively enough. */
export function showElapsed(ms: number): string {
  return ms < 1000 ? `${(Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1)}s` : showDuration(ms)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/** How long ago, in its largest unit. */
export function showAge(then: Date | null, now: number): string {
  if (then === null) return '-'
  const seconds = Math.max(0, Math.floor((now - then.getTime()) / 1000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h ago` : `${Math.floor(seconds / 86_400)}d ago`
}

export function showTime(time: Date | null): string {
  return time === null
    ? '-'
    : time
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
}

/** To the millisecond, for what takes less than a second. */
export function showMoment(time: Date): string {
  return time.toISOString().replace('T', ' ')
}

/** How long after a cancel was asked for the agent had it, told the work to stop, and was rid of it. */
export function showReceipts({ requested, received, stopping, stopped }: CancelView): string[] {
  return Object.entries({ received, stopping, stopped }).map(([phase, time]) =>
    time === null ? `not yet ${phase}` : `${phase} after ${time.getTime() - requested.getTime()} ms`,
  )
}

export function showLabels(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels)
  return entries.length === 0 ? '-' : entries.map(([key, value]) => `${key}=${value}`).join(' ')
}

/** What others chose cannot be allowed to steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\t' ? ' ' : '\uFFFD'))
}
