import { now } from '../model/now.ts'
import { dateText, durationText } from './format.ts'

/** How long ago, going on. */
export function Ago({ time }: { time: Date }) {
  return (
    <time dateTime={time.toISOString()} title={dateText(time)}>
      {durationText(sinceWhole(time, now.value))} ago
    </time>
  )
}

/** How long it took, or takes since. */
export function Took({ from, to }: { from: Date | null; to: Date | null }) {
  if (from === null) return <span class="quiet">–</span>
  if (to !== null) return <span>{durationText(to.getTime() - from.getTime())}</span>
  return <span>{durationText(sinceWhole(from, now.value))}</span>
}

/** Of what goes on whole seconds are shown: milliseconds would tell of the page's clock, not of the work. */
function sinceWhole(time: Date, until: number): number {
  return Math.max(1000, until - time.getTime())
}
