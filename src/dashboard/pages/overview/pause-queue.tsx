import { useState } from 'preact/hooks'
import type { QueueView } from '../../../protocol/index.ts'
import { Act } from '../../parts/act.tsx'
import { Ask } from '../../parts/ask.tsx'
import { usePlace } from '../../shell/place.ts'

/** The queue is everybody's: whoever sees only some labels may not stop it. */
export function PauseQueue({ queue }: { queue: QueueView | null }) {
  const { bus, operates, seesAll } = usePlace()
  const [asks, setAsks] = useState(false)
  if (queue === null) return null
  const may = operates && seesAll
  const why = may ? undefined : operates ? 'only who sees all labels may' : 'this takes an operator'
  const set = async (method: 'queue.pause' | 'queue.resume') => {
    await bus.call(method, {})
  }
  return (
    <div class="queue-acts">
      {queue.paused ? (
        <Act kind="main" disabled={!may} title={why} onAct={() => set('queue.resume')}>
          Resume the queue
        </Act>
      ) : (
        <button type="button" disabled={!may} {...(why !== undefined && { title: why })} onClick={() => setAsks(true)}>
          Pause the queue
        </button>
      )}
      <Ask
        title="Pause the queue?"
        open={asks}
        onClose={() => setAsks(false)}
        onAct={() => set('queue.pause')}
        act="Pause the queue"
        keep="Let it go on"
      >
        <p>No agent is handed work until somebody resumes it. What runs goes on, and new workflows are taken in.</p>
      </Ask>
    </div>
  )
}
