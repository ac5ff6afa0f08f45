import { useRef } from 'preact/hooks'
import { PAGE } from '../../../model/address.ts'
import { refine, route } from '../../../model/route.ts'
import { Act } from '../../../parts/act.tsx'
import { copyText, NO_COPY } from '../../../parts/copy.tsx'
import { note } from '../../../parts/notes.tsx'
import { textOf } from './copy.ts'
import { lineRangeOf } from './line-range.ts'
import { LogSearchField } from './log-search.tsx'
import type { OpenLog } from './open-log.ts'
import { showsTimes, wraps } from './options.ts'

/** What can be done with the log. */
export function LogBar({ open }: { open: OpenLog }) {
  const { scroller } = open
  const { total } = open.log.layout
  open.version.value
  const copy = async () => {
    const { from, to } = lineRangeOf(route.value.query.get('line')) ?? { from: 1, to: total }
    const { text, said } = await textOf(open.source, { from: Math.min(from, total), to: Math.min(to, total) })
    if (await copyText(text)) note(said)
    else note(NO_COPY, 'bad')
  }
  return (
    <div class="log-bar">
      <LogSearchField open={open} />
      <GoToLine open={open} total={total} />
      <div class="log-acts">
        <Toggle on={scroller.following.value} title="Stay at the end (f)" onChange={(on) => scroller.follow(on)}>
          Follow
        </Toggle>
        <Toggle on={wraps.value} title="Wrap long lines (w)" onChange={wrap}>
          Wrap
        </Toggle>
        <Toggle on={showsTimes.value} title="When each line came" onChange={showTimes}>
          Times
        </Toggle>
        <Act onAct={copy} disabled={total === 0} title="The marked lines, else all from the first: at most 1 MiB">
          Copy
        </Act>
        <a class="button" href={downloadOf(open.name)} download>
          Download
        </a>
      </div>
    </div>
  )
}

interface ToggleProps {
  readonly on: boolean
  readonly title: string
  readonly onChange: (on: boolean) => void
  readonly children: string
}

function Toggle({ on, title, onChange, children }: ToggleProps) {
  return (
    <button type="button" aria-pressed={on} title={title} onClick={() => onChange(!on)}>
      {children}
    </button>
  )
}

function GoToLine({ open, total }: { open: OpenLog; total: number }) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <form
      class="log-goto"
      onSubmit={(event) => {
        event.preventDefault()
        const given = field.current?.valueAsNumber ?? Number.NaN
        if (!(given >= 1)) return
        const line = Math.min(Math.floor(given), Math.max(1, total))
        refine({ line: String(line) })
        open.goTo(line)
      }}
    >
      <input ref={field} type="number" min="1" aria-label="Go to line" placeholder="Line" title="Go to line (l)" />
    </form>
  )
}

function wrap(on: boolean): void {
  wraps.value = on
}

function showTimes(on: boolean): void {
  showsTimes.value = on
}

function downloadOf({ id, attempt, stepId }: OpenLog['name']): string {
  const query = new URLSearchParams({ step: stepId, attempt: String(attempt), commands: '1', download: '1' })
  return new URL(`api/workflows/${encodeURIComponent(id)}/logs?${query}`, PAGE.url).href
}
