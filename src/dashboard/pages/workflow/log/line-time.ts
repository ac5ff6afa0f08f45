import { clockText } from '../../../parts/format.ts'
import type { Line } from './block.ts'

/** `14:03:07.250` where the reader is; `+12.250 s` since the step started, where nobody knows when that was. */
export function timeText(line: Pick<Line, 'ms'> | undefined, started: Date | null): string {
  if (line === undefined) return '–'
  const { ms } = line
  if (started === null) return `+${(ms / 1000).toFixed(3)} s`
  const time = started.getTime() + ms
  return `${clockText(time)}.${String(time % 1000).padStart(3, '0')}`
}
