import { useComputed } from '@preact/signals'
import { cancelLatency, endedByMinute } from '../../model/trend.ts'
import { Chart } from '../../parts/chart.tsx'
import { clockText, countText, latencyText } from '../../parts/format.ts'
import { usePlace } from '../../shell/place.ts'

const HOUR_MS = 3_600_000

/** How the server did in the last hour. */
export function Trends() {
  const { trend } = usePlace().live
  const ended = useComputed(() => endedByMinute(trend.points.value)).value
  const cancels = useComputed(() => cancelLatency(trend.points.value)).value
  const since = sinceText(trend.points.value[0])
  return (
    <div class="overview-pair overview-trends">
      <Chart
        title="Ended per minute"
        about={since}
        kind="bars"
        grows
        stepMs={60_000}
        spanMs={HOUR_MS}
        format={countText}
        times={ended.times}
        series={[
          { name: 'success', ink: 'good', values: ended.values.success },
          { name: 'failure', ink: 'bad', values: ended.values.failure },
          { name: 'canceled', ink: 'warn', values: ended.values.canceled },
        ]}
      />
      <Chart
        title="Cancel latency"
        about={`${since}${aboutCancels(cancels.values.max)}`}
        kind="lines"
        stepMs={10_000}
        spanMs={HOUR_MS}
        format={latencyText}
        times={cancels.times}
        series={[
          { name: 'longest', ink: 'odd', values: cancels.values.max },
          { name: 'median', ink: 'busy', values: cancels.values.p50 },
        ]}
      />
    </div>
  )
}

function sinceText(first: { readonly time: Date } | undefined): string {
  return first === undefined
    ? 'Nothing is known yet: the server tells every ten seconds'
    : `Known since ${clockText(first.time)}`
}

function aboutCancels(longest: readonly (number | null)[]): string {
  if (longest.length === 0) return ''
  const any = longest.some((value) => value !== null)
  return any ? ', from the request until nothing of it ran' : ': nothing that ran was canceled'
}
