import { WORKFLOW_STATES } from '../../../protocol/index.ts'
import { refine } from '../../model/route.ts'
import { queryOf, type WorkflowFilter, type WorkflowState } from '../../model/workflow-filter.ts'
import { State } from '../../parts/state.tsx'

/** What is chosen stands in the address, and only there. */
export function Filter({ filter }: { filter: WorkflowFilter }) {
  const change = (changes: Partial<WorkflowFilter>) => refine(queryOf({ ...filter, ...changes }))
  const toggle = (state: WorkflowState) => {
    const others = filter.states.filter((one) => one !== state)
    change({ states: others.length < filter.states.length ? others : [...others, state] })
  }
  return (
    <search class="filter">
      <input
        type="search"
        aria-label="Search workflows"
        placeholder="Name, id, agent or label=value"
        value={filter.text}
        maxLength={100}
        onInput={(event) => change({ text: event.currentTarget.value.trimStart() })}
      />
      <fieldset class="filter-states">
        <legend class="unseen">States that are shown</legend>
        {WORKFLOW_STATES.map((state) => (
          <button key={state} type="button" aria-pressed={filter.states.includes(state)} onClick={() => toggle(state)}>
            <State of={state} />
          </button>
        ))}
      </fieldset>
      {Object.entries(filter.labels).map(([name, value]) => {
        const { [name]: _, ...labels } = filter.labels
        return (
          <button
            key={name}
            type="button"
            onClick={() => change({ labels })}
            aria-label={`Without label ${name}=${value}`}
          >
            {name}={value} ×
          </button>
        )
      })}
    </search>
  )
}
