import type { WorkflowView } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { NotAll } from '../../parts/not-all.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, Took } from '../../parts/time.tsx'
import { useSteady } from '../../parts/use-steady.ts'
import { usePlace } from '../../shell/place.ts'
import { Why } from './why.tsx'

const SHOWN = 12

/** What ended last, the latest first. */
export function Ends() {
  const { live } = usePlace()
  const all = live.ends.list.value
  const { rows, waiting, still } = useSteady(all.slice(0, SHOWN), (id) => live.ends.get(id))
  return (
    <section class="card work" aria-labelledby="ends" {...still}>
      <div class="section-head">
        <h2 id="ends">Ended</h2>
        <p class="quiet">{waiting > 0 ? `${waiting} newer` : all.length > 1 && 'latest first'}</p>
      </div>
      <NotAll of={live.ends} />
      {rows.length === 0 && live.ends.whole.value && <NothingYet />}
      <ul>
        {rows.map((workflow) => (
          <Row key={workflow.id} workflow={workflow} />
        ))}
      </ul>
      {all.length > SHOWN && (
        <p class="work-more">
          <a href={hrefOf('workflows')}>All workflows</a>
        </p>
      )}
    </section>
  )
}

function NothingYet() {
  return (
    <p class="quiet work-none">
      Nothing has ended yet. <a href={hrefOf('submit')}>Submit a workflow</a>, or from a terminal:{' '}
      <code>drumline submit pipeline.yaml --follow</code>
    </p>
  )
}

function Row({ workflow }: { workflow: WorkflowView }) {
  const { id, name, state, started, finished } = workflow
  return (
    <li class="work-row">
      <State of={state} short />
      <span class="work-name">
        <a href={hrefOf('workflows', id)}>{name}</a>
        <Why workflow={workflow} />
      </span>
      <span class="work-time">
        <Took from={started} to={finished} />
        <span class="quiet">{finished !== null && <Ago time={finished} />}</span>
      </span>
    </li>
  )
}
