import { useEffect } from 'preact/hooks'
import type { WorkflowView } from '../../../protocol/index.ts'
import { usePlace } from '../../shell/place.ts'

/** In a line: how it ended, where, and why it did not succeed. */
export function Why({ workflow }: { workflow: WorkflowView }) {
  const { whys } = usePlace().live
  const { state, agent } = workflow
  useEffect(() => whys.ask(workflow), [whys, workflow])
  const why = whys.of(workflow)
  return (
    <span class={`work-why state-${state}`}>
      {state}
      <span class="quiet">{why === '' ? agent !== null && ` on ${agent}` : `: ${why}`}</span>
    </span>
  )
}
