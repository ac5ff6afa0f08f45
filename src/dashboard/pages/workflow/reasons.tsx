import { useEffect, useMemo } from 'preact/hooks'
import type { WorkflowDetail } from '../../../protocol/index.ts'
import { Explained, type Explanation } from '../../model/explained.ts'
import { hrefOf } from '../../model/route.ts'
import { usePlace } from '../../shell/place.ts'
import { Advice } from './advice.tsx'
import { type Cause, causesOf } from './causes.ts'

/** Why it has not begun, agent by agent, and what helps. */
export function Reasons({ workflow }: { workflow: WorkflowDetail }) {
  const { bus, live } = usePlace()
  const { id, version, state } = workflow
  const explained = useMemo(() => new Explained(bus, id), [bus, id])
  useEffect(() => () => explained.close(), [explained])
  const [agents, queue] = [live.agents.list.value, live.queue.value]
  useEffect(() => explained.touch(), [explained, version, agents, queue])
  return (
    <section class="reasons card" aria-labelledby="reasons-name">
      <h2 id="reasons-name">Why it is {state}</h2>
      <Said explanation={explained.explanation.value} workflow={workflow} />
    </section>
  )
}

function Said({ explanation, workflow }: { explanation: Explanation; workflow: WorkflowDetail }) {
  const { reasons, trouble } = explanation
  return (
    <>
      {trouble !== '' && (
        <p class="note note-bad" role="alert">
          The server could not be asked anew: {trouble}.
        </p>
      )}
      {reasons === null && trouble === '' && <p class="quiet reasons-none">Asking the server …</p>}
      {reasons?.length === 0 && <p class="reasons-none">Nothing holds it up: an agent is about to get it.</p>}
      {reasons !== null && reasons.length > 0 && (
        <ul>
          {causesOf(reasons).map((cause, at, all) => (
            <Row
              key={`${cause.code} ${cause.message}`}
              cause={cause}
              workflow={workflow}
              advised={all[at - 1]?.code === cause.code}
            />
          ))}
        </ul>
      )}
    </>
  )
}

interface RowProps {
  readonly cause: Cause
  readonly workflow: WorkflowDetail
  /** The row above has said what helps. */
  readonly advised: boolean
}

function Row({ cause, workflow, advised }: RowProps) {
  const { agents, message } = cause
  return (
    <li class="reason">
      {agents.length > 0 && (
        <ul class="reason-agents" aria-label="Agents">
          {agents.map((agent) => (
            <li key={agent}>
              <a href={hrefOf('agents', agent)}>{agent}</a>
            </li>
          ))}
        </ul>
      )}
      <p class="reason-message">{message}</p>
      {!advised && (
        <p class="quiet">
          <Advice cause={cause} workflow={workflow} />
        </p>
      )}
    </li>
  )
}
