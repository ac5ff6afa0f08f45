import type { QueueView } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { countText } from '../../parts/format.ts'
import { State } from '../../parts/state.tsx'
import { usePlace } from '../../shell/place.ts'
import { PauseQueue } from './pause-queue.tsx'

const STATES = ['pending', 'waiting', 'offered', 'running'] as const

const MEANS: Record<(typeof STATES)[number], string> = {
  pending: 'ready, for a free slot',
  waiting: 'for other workflows',
  offered: 'an agent is asked',
  running: 'agents work on them',
}

/** How much there is to do, and whether it goes on. */
export function QueueStrip() {
  const queue = usePlace().live.queue.value
  return (
    <section aria-label="Queue" class={queue?.paused ? 'queue queue-paused' : 'queue'}>
      <div class="queue-numbers card">
        {STATES.map((state) => (
          <a key={state} class="number-tile" href={hrefOf('workflows', '', { state })}>
            <State of={state} />
            <strong>{queue === null ? '–' : countText(queue[state])}</strong>
            <span class="quiet">{MEANS[state]}</span>
          </a>
        ))}
        <PauseQueue queue={queue} />
      </div>
      {queue?.paused && <Paused queue={queue} />}
    </section>
  )
}

function Paused({ queue: { pending } }: { queue: QueueView }) {
  const waits = pending === 1 ? 'One workflow is ready and waits' : `${countText(pending)} workflows are ready and wait`
  return (
    <p class="paused">
      <strong role="status">The queue is paused.</strong> Nothing is handed out until it is resumed; what runs goes on.{' '}
      {pending > 0 && `${waits}.`}
    </p>
  )
}
