import { useRef } from 'preact/hooks'
import type { StepView, WorkflowDetail } from '../../../protocol/index.ts'
import { route } from '../../model/route.ts'
import { stepOfInterest } from '../../model/step-choice.ts'

/** The attempt that the address names, else the latest. 0: there is none yet. */
export function attemptShown({ attempt }: WorkflowDetail): number {
  const named = Number(route.value.query.get('attempt') ?? Number.NaN)
  return Number.isInteger(named) && named >= 1 && named <= attempt ? named : attempt
}

interface StepShown {
  readonly step: StepView | undefined
  /** The address names it. Else it changes with the steps. */
  readonly chosen: boolean
}

/** The step that the address names, else the one that is of interest. */
export function useStepShown({ steps }: WorkflowDetail): StepShown {
  const name = route.value.query.get('step')
  const named = steps.find((one) => one.name === name)
  const before = useRef<string>(undefined)
  const step = named ?? stepOfInterest(steps, before.current)
  before.current = step?.id
  return { step, chosen: named !== undefined }
}
