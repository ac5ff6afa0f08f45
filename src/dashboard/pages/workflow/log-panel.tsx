import type { StepView, WorkflowDetail } from '../../../protocol/index.ts'
import { refine } from '../../model/route.ts'
import { State } from '../../parts/state.tsx'
import { LogView } from './log/log-view.tsx'

interface LogPanelProps {
  readonly workflow: WorkflowDetail
  readonly step: StepView
  readonly attempt: number
  /** Somebody chose the step; else the page goes along with what runs. */
  readonly chosen: boolean
  /** Somebody reads: the step must stay. */
  readonly onHold: () => void
}

/** The log of a step, and which step it is. */
export function LogPanel({ workflow, step, attempt, chosen, onHold }: LogPanelProps) {
  // What the server tells of steps is of the latest attempt.
  const latest = attempt === workflow.attempt
  const hold = () => {
    if (!chosen) onHold()
  }
  return (
    <section class="log-panel card" aria-labelledby="log-name" onWheel={hold} onPointerDown={hold} onKeyDown={hold}>
      <div class="log-panel-head">
        <h2 id="log-name">
          {latest && <State of={step.state} short />} {step.name}
        </h2>
        {!latest && <AnotherAttempt attempt={attempt} />}
        <Elsewhere workflow={workflow} step={step} attempt={attempt} />
      </div>
      {latest && step.error !== null && <p class="log-panel-error">{step.error}</p>}
      <LogView workflow={workflow} stepId={step.id} attempt={attempt} />
    </section>
  )
}

function AnotherAttempt({ attempt }: { attempt: number }) {
  return (
    <span>
      Log of attempt {attempt}.{' '}
      <button type="button" class="plain" onClick={() => refine({ attempt: '', line: '' })}>
        To the latest
      </button>
    </span>
  )
}

/** Work goes on in a step that is not shown. */
function Elsewhere({ workflow, step, attempt }: { workflow: WorkflowDetail; step: StepView; attempt: number }) {
  const running = workflow.steps.filter(({ state, detach }) => state === 'running' && !detach)
  const [first] = running
  if (first === undefined || attempt !== workflow.attempt || running.some(({ id }) => id === step.id)) return null
  return (
    <button type="button" class="plain" onClick={() => refine({ step: '', line: '' })}>
      {first.name} runs now
    </button>
  )
}
