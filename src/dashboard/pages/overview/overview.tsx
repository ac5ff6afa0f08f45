import { useTitle } from '../../parts/use-title.ts'
import { usePlace } from '../../shell/place.ts'
import { AgentStrip } from './agent-strip.tsx'
import { Ends } from './ends.tsx'
import { QueueStrip } from './queue-strip.tsx'
import { Running } from './running.tsx'
import { Trends } from './trends.tsx'

export function Overview() {
  const { seesAll } = usePlace()
  useTitle('Overview')
  return (
    <div class="overview">
      <h1 class="unseen">Overview</h1>
      <QueueStrip />
      {seesAll && <Trends />}
      <AgentStrip />
      <div class="overview-pair">
        <Running />
        <Ends />
      </div>
    </div>
  )
}
