import { agentMatches } from '../../model/agent-words.ts'
import { hrefOf, refine, route } from '../../model/route.ts'
import { FirstAgent } from '../../parts/first-agent.tsx'
import { countText } from '../../parts/format.ts'
import { NotAll } from '../../parts/not-all.tsx'
import { useTitle } from '../../parts/use-title.ts'
import { usePlace } from '../../shell/place.ts'
import { Table } from './table.tsx'

export function Agents() {
  const { agents } = usePlace().live
  const { id: opened, query } = route.value
  const text = query.get('text') ?? ''
  const all = agents.list.value
  const whole = agents.whole.value
  // The one that the address names is shown whatever the filter says.
  const shown = all.filter((agent) => agent.name === opened || agentMatches(agent, text))
  useTitle(opened === '' ? 'Agents' : opened)
  if (all.length === 0) return <None whole={whole} />
  return (
    <>
      <div class="head">
        <h1>Agents</h1>
        <p class="quiet" role="status">
          {shown.length < all.length ? `${countText(shown.length)} of ${countText(all.length)}` : countText(all.length)}
        </p>
      </div>
      <search class="agents-filter">
        <input
          type="search"
          aria-label="Search agents"
          placeholder="Name, state, platform, version or label=value"
          value={text}
          maxLength={100}
          onInput={(event) => refine({ text: event.currentTarget.value.trimStart() })}
        />
      </search>
      <NotAll of={agents} />
      {opened !== '' && whole && !all.some(({ name }) => name === opened) && <Missing name={opened} />}
      {shown.length === 0 ? (
        <section class="empty">
          <h2>None of these</h2>
          <p>No agent is like this.</p>
        </section>
      ) : (
        <Table agents={shown} opened={opened} />
      )}
    </>
  )
}

function None({ whole }: { whole: boolean }) {
  return (
    <>
      <div class="head">
        <h1>Agents</h1>
      </div>
      <NotAll of={usePlace().live.agents} />
      {whole && (
        <section class="card" aria-label="How to connect one">
          <FirstAgent />
        </section>
      )}
    </>
  )
}

function Missing({ name }: { name: string }) {
  return (
    <p class="note agents-missing" role="status">
      No agent of the name {name} is known, or not any more. <a href={hrefOf('agents')}>Close</a>
    </p>
  )
}
