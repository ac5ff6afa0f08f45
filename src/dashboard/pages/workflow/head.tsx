import type { WorkflowDetail } from '../../../protocol/index.ts'
import { State } from '../../parts/state.tsx'
import { Cancel } from './cancel.tsx'
import { Requeue } from './requeue.tsx'

interface HeadProps {
  readonly workflow: WorkflowDetail
  /** The server has it still. */
  readonly here: boolean
}

export function Head({ workflow, here }: HeadProps) {
  const { name, state, attempt, cancel, finished } = workflow
  const most = workflow.terms.maxAttempts
  return (
    <div class="head flow-head">
      <h1>{name}</h1>
      <span role="status">
        <State of={state} />
        {cancel !== null && finished === null && <span class="state-canceled"> being canceled</span>}
      </span>
      {attempt > 0 && state !== 'pending' && (
        <span class="quiet">
          attempt {attempt}
          {attempt <= most && ` of at most ${most}`}
        </span>
      )}
      <div class="acts">
        <Requeue workflow={workflow} here={here} />
        <Cancel workflow={workflow} here={here} />
      </div>
    </div>
  )
}
