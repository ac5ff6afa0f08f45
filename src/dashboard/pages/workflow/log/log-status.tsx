import { describeMissing, type StepView } from '../../../../protocol/index.ts'
import { countText } from '../../../parts/format.ts'
import type { OpenLog } from './open-log.ts'
import type { Found } from './search.ts'

/** Gaps that are told of here. All of them are marked in their places. */
const TOLD = 3

/** Whether the log is all there, and what was found in it. Its line is always there, so nothing moves when it says more. */
export function LogState({ open }: { open: OpenLog }) {
  open.version.value
  const { total } = open.log.layout
  return (
    <div class="log-state">
      <span>
        {linesText(total)}, {stateOf(open)}
      </span>
      <output>{foundText(open.matches.found.value, open.matches.line.value, total)}</output>
    </div>
  )
}

/** What is missing, and why. */
export function LogNotes({ open, step }: { open: OpenLog; step: StepView }) {
  open.version.value
  const { gaps } = open.log.layout
  const trouble = open.trouble.value || open.log.trouble
  if (gaps.length === 0 && trouble === '') return null
  return (
    <div class="log-notes">
      {gaps.slice(0, TOLD).map((gap) => (
        <p key={gap.from} class="log-missing">
          {describeMissing({ stepId: step.id, ...gap }, step.name)}
        </p>
      ))}
      {gaps.length > TOLD && <p class="log-missing">{gaps.length - TOLD} more gaps are marked in their places</p>}
      {trouble !== '' && <p class="trouble">Lines are not here yet: {trouble}</p>}
    </div>
  )
}

/** The server says it of the whole attempt: what other steps miss is not said here. */
function stateOf({ log, state }: OpenLog): string {
  const misses = log.layout.gaps.length > 0
  if (state.value === 'open') return misses ? 'open: more may come, and some are missing' : 'open: more may come'
  return misses ? 'incomplete' : 'complete'
}

function foundText({ text, lines, scanned, done, full, trouble }: Found, match: number | null, total: number): string {
  if (text === '') return ''
  if (trouble !== '') return `The search has stopped: ${trouble}`
  const at = match === null ? -1 : lines.indexOf(match)
  const place = at === -1 ? linesText(lines.length) : `${countText(at + 1)} of ${linesText(lines.length)}`
  if (full) return `${place} and more, searched the first ${countText(scanned)} of ${linesText(total)}`
  if (!done) return `${place} so far, searched ${countText(scanned)} of ${linesText(total)}`
  return lines.length === 0 ? `In none of ${linesText(scanned)}` : place
}

function linesText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'line' : 'lines'}`
}
