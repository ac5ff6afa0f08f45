import { describeMissing, type StepView } from '../../../../protocol/index.ts'
import { countText } from '../../../parts/format.ts'
import type { OpenLog } from './open-log.ts'

/** Gaps that are told of here. All of them are marked in their places. */
const TOLD = 3

/** Whether the log is all there, in words. */
export function LogStatus({ open, step }: { open: OpenLog; step: StepView }) {
  open.version.value
  const { total, gaps } = open.log.layout
  const trouble = open.trouble.value || open.log.trouble
  return (
    <div class="log-status">
      <p>
        {countText(total)} {total === 1 ? 'line' : 'lines'} · {stateOf(open)}
      </p>
      {gaps.slice(0, TOLD).map((gap) => (
        <p key={gap.from} class="log-missing">
          {describeMissing({ stepId: step.id, ...gap }, step.name)}
        </p>
      ))}
      {gaps.length > TOLD && <p class="log-missing">and {gaps.length - TOLD} more gaps</p>}
      {trouble !== '' && <p class="trouble">Lines are not here yet: {trouble}.</p>}
    </div>
  )
}

/** The server says it of the whole attempt: what other steps miss is not said here. */
function stateOf({ log, state }: OpenLog): string {
  if (log.layout.gaps.length > 0) return state.value === 'open' ? 'open, with missing lines' : 'incomplete'
  return state.value === 'open' ? 'open: more may come' : 'complete'
}
