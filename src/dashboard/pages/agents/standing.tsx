import type { AgentView } from '../../../protocol/index.ts'

/** Whether it gets work, in a sentence. */
export function Standing({ agent }: { agent: AgentView }) {
  return <p class="agent-standing">{wordsFor(agent)}</p>
}

function wordsFor({ state, drainedBy, schedulable, running, capacity }: AgentView): string {
  const rest =
    running === 0 ? '' : running === 1 ? ' It finishes the one it runs.' : ` It finishes the ${running} it runs.`
  if (state === 'offline') {
    if (drainedBy === 'operator')
      return 'It is drained and has left. If it comes back it gets no work until it is resumed.'
    if (!schedulable) return 'It is not connected. An operator keeps work from it, also when it is back.'
    return running === 0
      ? 'It is not connected.'
      : 'It is not connected. What it runs goes on there for now; if it stays away, the work goes back to the queue.'
  }
  if (drainedBy === 'operator') return `An operator drains it: it gets no more work and then leaves.${rest}`
  if (drainedBy === 'agent') return `It was told to stop where it runs: it takes no more work and then leaves.${rest}`
  if (!schedulable) return `An operator keeps work from it; it stays connected.${rest}`
  return running >= capacity ? 'It has no free slot.' : 'It takes work.'
}
