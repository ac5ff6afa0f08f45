import { useState } from 'preact/hooks'
import { ENDED } from '../../../client/index.ts'
import type { WorkflowDetail } from '../../../protocol/index.ts'
import { Ask } from '../../parts/ask.tsx'
import { usePlace } from '../../shell/place.ts'

export function Requeue({ workflow, here }: { workflow: WorkflowDetail; here: boolean }) {
  const { bus, operates } = usePlace()
  const [open, setOpen] = useState(false)
  const { id, name, state } = workflow
  if (!here) return null
  return (
    <>
      {ENDED.has(state) && (
        <button
          type="button"
          disabled={!operates}
          title={operates ? 'run it again' : 'requeuing takes an operator'}
          onClick={() => setOpen(true)}
        >
          Requeue
        </button>
      )}
      <Ask
        title={`Run ${name} again?`}
        open={open}
        onClose={() => setOpen(false)}
        onAct={async () => {
          await bus.call('requeue', { id })
        }}
        act="Requeue"
        keep="Let it be"
      >
        <p>
          It goes back into the queue and runs from its first step, as a new attempt. What is known of this run is
          cleared, the cancel too; the logs of earlier attempts stay. Lost attempts are counted anew.
        </p>
        <p class="quiet">While the old attempt may still be running somewhere, it waits for the end of that.</p>
      </Ask>
    </>
  )
}
