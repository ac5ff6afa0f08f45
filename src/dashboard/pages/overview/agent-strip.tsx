import type { AgentView } from '../../../protocol/index.ts'
import { heldBack } from '../../model/agent-words.ts'
import { hrefOf } from '../../model/route.ts'
import { FirstAgent } from '../../parts/first-agent.tsx'
import { countText } from '../../parts/format.ts'
import { NotAll } from '../../parts/not-all.tsx'
import { Slots } from '../../parts/slots.tsx'
import { State } from '../../parts/state.tsx'
import { usePlace } from '../../shell/place.ts'

/** Of more agents than that the others are told by their number. */
const SHOWN = 20

/** All agents and what they have room for. Those that are away stand last. */
export function AgentStrip() {
  const { agents } = usePlace().live
  const all = agents.list.value
  if (all.length === 0) {
    return agents.whole.value ? (
      <section class="card" aria-label="Agents">
        <FirstAgent />
      </section>
    ) : null
  }
  const away = all.filter(({ state }) => state === 'offline')
  const here = all.filter(({ state }) => state !== 'offline')
  const shown = [...here, ...away].slice(0, SHOWN)
  return (
    <section aria-labelledby="agent-strip">
      <div class="section-head">
        <h2 id="agent-strip">
          <a href={hrefOf('agents')}>Agents</a>
        </h2>
        <p class="quiet">{wordsFor(here, away.length)}</p>
      </div>
      <NotAll of={agents} />
      <ul class="agent-tiles">
        {shown.map((agent) => (
          <Tile key={agent.id} agent={agent} />
        ))}
      </ul>
      {all.length > shown.length && (
        <p class="quiet">
          <a href={hrefOf('agents')}>{countText(all.length - shown.length)} more</a>
        </p>
      )}
    </section>
  )
}

function Tile({ agent }: { agent: AgentView }) {
  const { name, state, running, capacity } = agent
  const held = heldBack(agent)
  return (
    <li>
      <a class={`agent-tile agent-tile-${state}`} href={hrefOf('agents', name)}>
        <span class="agent-tile-name">{name}</span>
        <State of={state} short={state === 'online'} />
        {state === 'offline' && running === 0 ? null : <Slots running={running} capacity={capacity} />}
        {held !== '' && <span class="agent-tile-held">{held}</span>}
      </a>
    </li>
  )
}

function wordsFor(here: readonly AgentView[], away: number): string {
  const slots = here.reduce((sum, { capacity }) => sum + capacity, 0)
  const busy = here.reduce((sum, { running }) => sum + running, 0)
  const draining = here.filter(({ state }) => state === 'draining').length
  const parts = [
    `${countText(busy)} of ${countText(slots)} slots busy`,
    `${countText(here.length - draining)} online`,
    ...(draining === 0 ? [] : [`${countText(draining)} draining`]),
    ...(away === 0 ? [] : [`${countText(away)} offline`]),
  ]
  return parts.join(' · ')
}
