import { useEffect, useRef, useState } from 'preact/hooks'
import type { OpenLog } from './open-log.ts'

/** What is typed is looked for once nothing more is typed for so long. */
const TYPED_MS = 250

/** Looks for a text in the whole log, on the server. */
export function LogSearchField({ open }: { open: OpenLog }) {
  const [typed, setTyped] = useState('')
  const sought = useRef('')
  const seek = (text: string) => {
    if (sought.current === text && open.matches.found.value.trouble === '') return
    sought.current = text
    open.matches.seek(text)
  }
  useEffect(() => {
    const timer = setTimeout(() => seek(typed), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, open])
  const none = open.matches.found.value.lines.length === 0
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      if (sought.current === typed && open.matches.found.value.trouble === '')
        open.matches.step(event.shiftKey ? -1 : 1)
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
      <button type="button" disabled={none} title="Previous match (N)" onClick={() => open.matches.step(-1)}>
        <span aria-hidden="true">↑</span>
        <span class="unseen">Previous match</span>
      </button>
      <button type="button" disabled={none} title="Next match (n)" onClick={() => open.matches.step(1)}>
        <span aria-hidden="true">↓</span>
        <span class="unseen">Next match</span>
      </button>
    </search>
  )
}
