import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { AgentView } from '../../../protocol/index.ts'
import { heldBack, tellingLabels } from '../../model/agent-words.ts'
import { hrefOf, route } from '../../model/route.ts'
import { LabelList } from '../../parts/labels.tsx'
import { Slots } from '../../parts/slots.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, Took } from '../../parts/time.tsx'
import { Details } from './details.tsx'
import { RoundTrip } from './round-trip.tsx'

interface RowProps {
  readonly agent: AgentView
  /** Whether the address names it. */
  readonly open: boolean
  readonly columns: number
}

/** One agent; what else is known of it stands below while it is open. Of hundreds only those that change are made anew. */
export function Row({ agent, open, columns }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    // Whoever comes by a link sees it, once the page has gone to its top.
    if (!open) return
    requestAnimationFrame(() => {
      for (const one of [row.current?.nextElementSibling, row.current]) one?.scrollIntoView({ block: 'nearest' })
    })
  }, [])
  const cells = useMemo(() => <Cells agent={agent} open={open} />, [agent, open])
  return (
    <>
      <tr ref={row} class={open ? 'agent agent-open' : 'agent'} id={`row-${agent.id}`}>
        {cells}
      </tr>
      {open && (
        <tr class="agent-more" id={`more-${agent.id}`}>
          <td colSpan={columns}>
            <Details agent={agent} />
          </td>
        </tr>
      )}
    </>
  )
}

function Cells({ agent, open }: Omit<RowProps, 'columns'>) {
  const { state, running, capacity, platform, connected, lastSeen, software } = agent
  const held = heldBack(agent)
  return (
    <>
      <th scope="row" class="agent-name">
        <Opener agent={agent} open={open} />
      </th>
      <td>
        <State of={state} />
        {held !== '' && <span class="agent-held">{held}</span>}
      </td>
      <td>
        {state === 'offline' && running === 0 ? (
          <span class="quiet">–</span>
        ) : (
          <Slots running={running} capacity={capacity} />
        )}
      </td>
      <td class="agent-labels">
        <LabelList labels={tellingLabels(agent)} />
      </td>
      <td>{platform}</td>
      <td class="agent-since">
        {state !== 'offline' && connected !== null && <Took from={connected} to={null} />}
        {state === 'offline' && (
          <span class="quiet">
            {lastSeen === null ? (
              'never'
            ) : (
              <>
                seen <Ago time={lastSeen} />
              </>
            )}
          </span>
        )}
      </td>
      <td>
        <RoundTrip agent={agent} />
      </td>
      <td>{software}</td>
    </>
  )
}

/** Opens an agent, or closes it. The filter stays as it is. */
function Opener({ agent: { id, name }, open }: Omit<RowProps, 'columns'>) {
  const href = hrefOf('agents', open ? '' : name, route.value.query)
  return (
    <a href={href} aria-expanded={open} aria-controls={`more-${id}`}>
      {name}
    </a>
  )
}
