import { useEffect, useRef } from 'preact/hooks'
import type { AgentView } from '../../../protocol/index.ts'
import { isTyping } from '../../shell/keys.tsx'
import { Row } from './row.tsx'

const COLUMNS = ['Agent', 'State', 'Slots', 'Labels', 'Platform', 'Connected', 'Round trip', 'Version']

export function Table({ agents, opened }: { agents: readonly AgentView[]; opened: string }) {
  const place = useRef<HTMLTableElement>(null)
  useRowKeys(place)
  return (
    <table ref={place} class="card agents">
      <caption class="unseen">Agents, by name</caption>
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {agents.map((agent) => (
          <Row key={agent.id} agent={agent} open={agent.name === opened} columns={COLUMNS.length} />
        ))}
      </tbody>
    </table>
  )
}

/** j and k: the next agent and the one before. Enter opens it, since it is a link. */
function useRowKeys(place: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || !['j', 'k'].includes(event.key)) return
      const links = [...(place.current?.querySelectorAll<HTMLElement>('.agent-name a') ?? [])]
      const row = document.activeElement?.closest('.agent, .agent-more')
      const here = links.findIndex(
        (link) => row?.id === link.closest('tr')?.id || row?.id === link.getAttribute('aria-controls'),
      )
      links[event.key === 'j' ? here + 1 : here - 1]?.focus()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [place])
}
