import { useEffect, useMemo } from 'preact/hooks'
import { ENDED } from '../../../../client/index.ts'
import type { StepView, WorkflowDetail } from '../../../../protocol/index.ts'
import { route } from '../../../model/route.ts'
import { usePlace } from '../../../shell/place.ts'
import { lineRangeOf } from './line-range.ts'
import { LogBar } from './log-bar.tsx'
import { LogLines } from './log-lines.tsx'
import { LogNotes, LogState } from './log-status.tsx'
import { OpenLog } from './open-log.ts'
import { useLogKeys } from './use-log-keys.ts'

interface LogViewProps {
  readonly workflow: WorkflowDetail
  readonly stepId: string
  /** From 1; 0 before the first. */
  readonly attempt: number
}

/** The log of one step of one attempt, as it is and as it grows. */
export function LogView({ workflow, stepId, attempt }: LogViewProps) {
  const step = workflow.steps.find(({ id }) => id === stepId)
  if (step === undefined) return <p class="empty">This workflow has no such step.</p>
  if (attempt === 0) return <p class="empty">{noLinesOf(step)}</p>
  return <Log key={`${workflow.id} ${attempt} ${stepId}`} workflow={workflow} step={step} attempt={attempt} />
}

interface LogProps {
  readonly workflow: WorkflowDetail
  readonly step: StepView
  readonly attempt: number
}

function Log({ workflow, step, attempt }: LogProps) {
  const { bus } = usePlace()
  const { id } = workflow
  const open = useMemo(() => new OpenLog(bus, { id, attempt, stepId: step.id }), [bus, id, attempt, step.id])
  const isLatest = attempt === workflow.attempt
  useEffect(() => open.start(), [open])
  useEffect(() => {
    if (isLatest) open.know(workflow)
  }, [open, workflow, isLatest])
  const range = lineRangeOf(route.value.query.get('line'))
  useEffect(() => {
    // Only where it will be told what comes.
    if (range === undefined && isLatest && !ENDED.has(workflow.state)) open.scroller.follow(true)
  }, [open])
  useEffect(() => {
    if (range !== undefined) open.goTo(range.from)
  }, [open, range?.from])
  useLogKeys(open)
  open.version.value
  const isEmpty = open.log.layout.count === 0
  return (
    <section class="log" aria-label="Log">
      <LogBar open={open} />
      <LogState open={open} />
      {isEmpty && <p class="log-none">{emptyText(open, isLatest ? step : undefined)}</p>}
      <LogLines open={open} step={step} started={isLatest ? step.started : null} hidden={isEmpty} />
      <LogNotes open={open} step={step} />
    </section>
  )
}

/** `step` as it is in this attempt, if that is known. */
function emptyText(open: OpenLog, step: StepView | undefined): string {
  if (!open.log.isKnown) return 'Asking the server …'
  return step === undefined ? 'In this attempt the step wrote nothing.' : noLinesOf(step)
}

function noLinesOf({ state }: StepView): string {
  switch (state) {
    case 'pending':
      return 'No output yet: this step has not started.'
    case 'running':
      return 'No output yet.'
    case 'skipped':
      return 'This step was skipped.'
    case 'canceled':
      return 'This step was canceled before it wrote anything.'
    default:
      return 'This step wrote nothing.'
  }
}
