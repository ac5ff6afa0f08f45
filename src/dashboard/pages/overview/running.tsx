import type { WorkflowView } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { countText } from '../../parts/format.ts'
import { NotAll } from '../../parts/not-all.tsx'
import { State } from '../../parts/state.tsx'
import { Took } from '../../parts/time.tsx'
import { useSteady } from '../../parts/use-steady.ts'
import { usePlace } from '../../shell/place.ts'

const SHOWN = 12

/** What agents have, the longest running first. */
export function Running() {
  const { live } = usePlace()
  const all = live.running.list.value
  const { rows, still } = useSteady(all.slice(0, SHOWN), (id) => live.running.get(id) ?? live.ends.get(id))
  return (
    <section class="card work" aria-labelledby="running" {...still}>
      <div class="section-head">
        <h2 id="running">Running</h2>
        <p class="quiet">{all.length > 1 && 'longest first'}</p>
      </div>
      <NotAll of={live.running} />
      {rows.length === 0 && live.running.whole.value && <p class="quiet work-none">Nothing runs.</p>}
      <ul>
        {rows.map((workflow) => (
          <Row key={workflow.id} workflow={workflow} />
        ))}
      </ul>
      {all.length > SHOWN && (
        <p class="work-more">
          <a href={hrefOf('workflows', '', { state: 'running' })}>All {countText(all.length)}</a>
        </p>
      )}
    </section>
  )
}

function Row({ workflow: { id, name, state, agent, started, finished, attempt, cancel } }: { workflow: WorkflowView }) {
  return (
    <li class="work-row">
      <State of={state} short />
      <span class="work-name">
        <a href={hrefOf('workflows', id)}>{name}</a>
        <span class="quiet">
          {agent !== null && (
            <>
              on <a href={hrefOf('agents', agent)}>{agent}</a>
            </>
          )}
          {state === 'offered' && ', which is asked'}
          {attempt > 1 && `, attempt ${attempt}`}
          {cancel !== null && finished === null && ', cancel asked for'}
        </span>
      </span>
      <span class="work-time">
        <Took from={started} to={finished} />
      </span>
    </li>
  )
}
