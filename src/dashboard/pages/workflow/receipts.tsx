import { ENDED } from '../../../client/index.ts'
import type { AgentView, CancelView, WorkflowDetail } from '../../../protocol/index.ts'
import { clockText, durationText } from '../../parts/format.ts'
import { usePlace } from '../../shell/place.ts'

interface ReceiptsProps {
  readonly workflow: WorkflowDetail
  readonly cancel: CancelView
}

/** How far a cancel got, as its receipts come. Nothing is filled in before the server has it. */
export function Receipts({ workflow, cancel }: ReceiptsProps) {
  const { agents } = usePlace().live
  const agent = agents.list.value.find(({ name }) => name === workflow.agent)
  const { reason, requested, received, stopping, stopped } = cancel
  const atOnce = received === null && stopped === null && ENDED.has(workflow.state)
  return (
    <section class="receipts card" aria-labelledby="receipts-name">
      <h2 id="receipts-name">Cancel</h2>
      <p class="receipts-why">{reason}</p>
      <ol>
        <Receipt name="Requested" time={requested} from={null} />
        {!atOnce && (
          <>
            <Receipt name="Received" time={received} from={requested} />
            <Receipt name="Stopping" time={stopping} from={requested} />
            <Receipt name="Stopped" time={stopped} from={requested} />
          </>
        )}
      </ol>
      <p class="quiet" role="status">
        {words(workflow, cancel, agent)}
      </p>
    </section>
  )
}

function Receipt({ name, time, from }: { name: string; time: Date | null; from: Date | null }) {
  return (
    <li class={time === null ? 'receipt' : 'receipt receipt-here'}>
      <span class="receipt-name">{name}</span>
      {time === null ? (
        <span class="quiet">not yet</span>
      ) : (
        <time dateTime={time.toISOString()} title={clockText(time)}>
          {from === null ? clockText(time) : `+${millis(time.getTime() - from.getTime())}`}
        </time>
      )}
    </li>
  )
}

/** To the millisecond up to ten seconds: that is what one looks for. */
function millis(ms: number): string {
  return ms < 10_000 ? `${Math.max(0, ms)} ms` : durationText(ms)
}

function words({ state, agent: name }: WorkflowDetail, cancel: CancelView, agent: AgentView | undefined): string {
  const its = name ?? 'the agent'
  if (cancel.stopped !== null) return `Nothing of it runs any more on ${its}.`
  if (ENDED.has(state))
    return cancel.received === null ? 'It had not begun: it ended at once.' : 'It has ended; no receipt of that came.'
  if (cancel.received !== null) return `${its} is stopping it.`
  if (agent?.state === 'offline') return `${its} is offline: it is told as soon as it is back.`
  return `${its} has been told, and has not answered yet.`
}
