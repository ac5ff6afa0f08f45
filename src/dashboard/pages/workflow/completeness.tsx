import { describeMissing, type WorkflowDetail } from '../../../protocol/index.ts'
import { PAGE } from '../../model/address.ts'

/** Whether all of the log is there, in words, and the log as a file. */
export function Completeness({ workflow }: { workflow: WorkflowDetail }) {
  const { id, logs, attempt, missing, steps } = workflow
  if (attempt === 0) return <span class="quiet">–</span>
  const names = new Map(steps.map((step) => [step.id, step.name]))
  return (
    <>
      <span class={`completeness-${logs}`}>{WORDS[logs]}</span>
      <a href={new URL(`api/workflows/${encodeURIComponent(id)}/logs?commands=1&download=1`, PAGE.url).href} download>
        Download
      </a>
      {missing.length > 0 && (
        <ul class="completeness-missing">
          {missing.map((one) => (
            <li key={`${one.stepId} ${one.from}`}>{describeMissing(one, names.get(one.stepId) ?? one.stepId)}</li>
          ))}
        </ul>
      )}
    </>
  )
}

const WORDS = {
  open: 'Open: more may come',
  complete: 'Complete',
  incomplete: 'Incomplete: some lines are missing, and will not come',
}
