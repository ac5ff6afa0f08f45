import type { WorkflowView } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { LabelList } from '../../parts/labels.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, Took } from '../../parts/time.tsx'

/** Of one height, whatever is in it: what does not fit is cut, and stands on the workflow's own page. */
export function Row({ workflow, index }: { workflow: WorkflowView; index: number }) {
  const { id, name, state, labels, agent, created, started, finished, attempt, error } = workflow
  return (
    <tr class="row" aria-rowindex={index + 2}>
      <td class="row-state">
        <State of={state} />
      </td>
      <td class="row-name">
        <a href={hrefOf('workflows', id)}>{name}</a>
        <span class="quiet row-why">{error ?? (attempt > 1 ? `attempt ${attempt}` : '')}</span>
      </td>
      <td class="row-labels">
        <LabelList labels={labels} />
      </td>
      <td class="row-agent">
        {agent === null ? <span class="quiet">–</span> : <a href={hrefOf('agents', agent)}>{agent}</a>}
      </td>
      <td class="row-age">
        <Ago time={created} />
      </td>
      <td class="row-took">
        <Took from={started} to={finished} />
      </td>
    </tr>
  )
}
