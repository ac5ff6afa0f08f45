const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `850 ms`, `12 s`, `3 min 4 s`, `2 h 5 min`, `3 d 4 h`: never more than two units. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return pair(ms, MINUTE, 'min', SECOND, 's')
  if (ms < DAY) return pair(ms, HOUR, 'h', MINUTE, 'min')
  return pair(ms, DAY, 'd', HOUR, 'h')
}

/** `850 ms`, `1.5 s`, `12 s`: finer than `durationText` where that tells one second. */
export function latencyText(ms: number): string {
  return ms < SECOND || ms >= 10 * SECOND ? durationText(ms) : `${Math.round(ms / 100) / 10} s`
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/** `14:03:07` where the reader is. */
export function clockText(time: number | Date): string {
  return new Date(time).toLocaleTimeString(undefined, { hour12: false })
}

/** Date and time where the reader is, to the second. */
export function dateText(time: Date): string {
  return `${time.toLocaleDateString()} ${clockText(time)}`
}

const counts = new Intl.NumberFormat('en')

/** `1,000,000`. */
export function countText(count: number): string {
  return counts.format(count)
}
