import type { CSSProperties } from 'preact'
import type { StepView } from '../../../protocol/index.ts'
import { hrefOf, route } from '../../model/route.ts'
import { durationText } from '../../parts/format.ts'
import { State } from '../../parts/state.tsx'
import { Took } from '../../parts/time.tsx'

export interface StepLinkProps {
  readonly step: StepView
  readonly selected: boolean
  readonly onSelect: (id: string) => void
  /** Names of the steps it starts after, for those who do not see the lines. */
  readonly after?: readonly string[]
  readonly style?: CSSProperties
}

/** A step, as a link to its log. */
export function StepLink({ step, selected, onSelect, after = [], style }: StepLinkProps) {
  const { id, name, state, started, finished } = step
  const { id: workflow, query } = route.value
  const notes = notesOf(step)
  return (
    <a
      class={`step step-${state}`}
      href={hrefOf('workflows', workflow, new URLSearchParams([...query, ['step', name]]))}
      data-step={id}
      aria-current={selected ? 'true' : undefined}
      tabIndex={selected ? 0 : -1}
      title={[name, ...notes].join(' · ')}
      style={style}
      onClick={(event) => {
        // With a modifier it is the browser's: a tab of its own.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        onSelect(id)
      }}
    >
      <State of={state} short />
      <span class="step-name">{name}</span>
      <span class="step-took">{started !== null && <Took from={started} to={finished} />}</span>
      {notes.length > 0 && <span class="step-notes">{notes.join(' · ')}</span>}
      {after.length > 0 && <span class="unseen">, after {after.join(', ')}</span>}
    </a>
  )
}

function notesOf({ state, exitCode, stopMs, detach, ignoresFailure }: StepView): string[] {
  const notes: string[] = []
  if (detach) notes.push('detached')
  if (exitCode !== null && exitCode !== 0) notes.push(`exit ${exitCode}`)
  if (stopMs !== null) notes.push(`stopped after ${stopMs < 10_000 ? `${stopMs} ms` : durationText(stopMs)}`)
  if (ignoresFailure && !detach) notes.push(state === 'failure' ? 'ignored' : 'may fail')
  return notes
}
