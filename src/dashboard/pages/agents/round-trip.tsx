import type { AgentView } from '../../../protocol/index.ts'
import { durationText } from '../../parts/format.ts'

/** From a ping to its answer; it is told in whole milliseconds. */
export function RoundTrip({ agent: { roundTripMs } }: { agent: AgentView }) {
  if (roundTripMs === null) return <span class="quiet">–</span>
  return <>{roundTripMs === 0 ? 'under 1 ms' : durationText(roundTripMs)}</>
}
