/** More slots than that are told by a bar. */
const DRAWN = 24

/** How many of an agent's slots have work. */
export function Slots({ running, capacity }: { running: number; capacity: number }) {
  return (
    <span class="slots">
      {capacity > DRAWN ? <Bar share={running / capacity} /> : <Squares busy={running} all={capacity} />}
      <span class="slots-words">
        {running} of {capacity}
        <span class="unseen"> slots busy</span>
      </span>
    </span>
  )
}

function Bar({ share }: { share: number }) {
  return (
    <span class="slots-bar" aria-hidden="true">
      <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
    </span>
  )
}

/** An agent that has come back with fewer slots may hold more than it has. */
function Squares({ busy, all }: { busy: number; all: number }) {
  return (
    <span class="slots-picture" aria-hidden="true">
      {Array.from({ length: Math.max(all, busy) }, (_, at) => (
        <span key={at} class={at < busy ? 'slot slot-busy' : 'slot'} />
      ))}
    </span>
  )
}
