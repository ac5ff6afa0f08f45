import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { AgentView } from '../../../protocol/index.ts'
import { heldBack, tellingLabels } from '../../model/agent-words.ts'
import { hrefOf } from '../../model/route.ts'
import { durationText } from '../../parts/format.ts'
import { LabelList } from '../../parts/labels.tsx'
import { Slots } from '../../parts/slots.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, Took } from '../../parts/time.tsx'
import { Details } from './details.tsx'

interface RowProps {
  readonly agent: AgentView
  /** Whether the address names it. */
  readonly open: boolean
  /** Of the filter, which stays as it is. */
  readonly text: string
  readonly columns: number
}

/** One agent; what else is known of it stands below while it is open. Of hundreds only those that change are made anew. */
export function Row({ agent, open, text, columns }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    // Whoever comes by a link sees it, once the page has gone to its top.
    if (open) requestAnimationFrame(() => row.current?.scrollIntoView({ block: 'nearest' }))
  }, [])
  const cells = useMemo(() => <Cells agent={agent} open={open} text={text} />, [agent, open, text])
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

function Cells({ agent, open, text }: Omit<RowProps, 'columns'>) {
  const { id, name, state, running, capacity, platform, connected, lastSeen, roundTripMs, software } = agent
  const held = heldBack(agent)
  return (
    <>
      <th scope="row" class="agent-name">
        <a href={hrefOf('agents', open ? '' : name, { text })} aria-expanded={open} aria-controls={`more-${id}`}>
          {name}
        </a>
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
      <td>{roundTripMs === null ? <span class="quiet">–</span> : durationText(roundTripMs)}</td>
      <td>{software}</td>
    </>
  )
}
