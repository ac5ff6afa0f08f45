import { useEffect, useRef, useState } from 'preact/hooks'
import { countText } from '../../../parts/format.ts'
import type { OpenLog } from './open-log.ts'
import type { Found } from './search.ts'

/** What is typed is looked for once nothing more is typed for so long. */
const TYPED_MS = 250

/** Looks for a text in the whole log, on the server. */
export function LogSearchField({ open }: { open: OpenLog }) {
  const [typed, setTyped] = useState('')
  const sought = useRef('')
  const seek = (text: string) => {
    if (sought.current === text) return
    sought.current = text
    open.seek(text)
  }
  useEffect(() => {
    const timer = setTimeout(() => seek(typed), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, open])
  const found = open.found.value
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      if (sought.current === typed) open.step(event.shiftKey ? -1 : 1)
      else seek(typed)
    } else if (event.key === 'Escape') setTyped('')
  }
  return (
    <search class="log-search">
      <input
        type="search"
        aria-label="Search in this log"
        placeholder="Search in this log"
        maxLength={256}
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onKeyDown={press}
      />
      <button
        type="button"
        disabled={found.lines.length === 0}
        title="Previous match (N)"
        onClick={() => open.step(-1)}
      >
        <span aria-hidden="true">↑</span>
        <span class="unseen">Previous match</span>
      </button>
      <button type="button" disabled={found.lines.length === 0} title="Next match (n)" onClick={() => open.step(1)}>
        <span aria-hidden="true">↓</span>
        <span class="unseen">Next match</span>
      </button>
      <output class="log-found">{foundText(found, open.match.value, open.log.layout.total)}</output>
    </search>
  )
}

function foundText({ text, lines, scanned, done, full, trouble }: Found, match: number | null, total: number): string {
  if (text === '') return ''
  if (trouble !== '') return `The search has stopped: ${trouble}`
  const at = match === null ? -1 : lines.indexOf(match)
  const count = `${countText(lines.length)} ${lines.length === 1 ? 'line' : 'lines'}`
  const place = at === -1 ? count : `${countText(at + 1)} of ${count}`
  if (full) return `${place}, and more: looked at the first ${countText(scanned)} of ${countText(total)} lines`
  if (!done) return `${place} so far, searched ${countText(scanned)} of ${countText(total)} lines`
  return lines.length === 0 ? `Not in any of ${countText(scanned)} lines` : place
}
