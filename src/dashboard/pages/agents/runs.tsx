import type { AgentView } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { NotAll } from '../../parts/not-all.tsx'
import { State } from '../../parts/state.tsx'
import { Took } from '../../parts/time.tsx'
import { usePlace } from '../../shell/place.ts'

/** The workflows that an agent has. */
export function Runs({ agent: { name, running, capacity } }: { agent: AgentView }) {
  const all = usePlace().live.running
  const mine = all.list.value.filter(({ agent }) => agent === name)
  return (
    <div class="agent-runs">
      <h2>
        {running} of {capacity} {capacity === 1 ? 'slot' : 'slots'} busy
      </h2>
      <NotAll of={all} />
      <ul>
        {mine.map(({ id, name: workflow, state, started }) => (
          <li key={id}>
            <State of={state} short /> <a href={hrefOf('workflows', id)}>{workflow}</a>{' '}
            <span class="quiet">
              <Took from={started} to={null} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
