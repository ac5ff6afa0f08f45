import { ENDED } from '../../../client/index.ts'
import type { AttemptView, WorkflowDetail } from '../../../protocol/index.ts'
import { hrefOf, refine, route } from '../../model/route.ts'
import { countText } from '../../parts/format.ts'
import { Ago, Took } from '../../parts/time.tsx'
import { attemptShown } from './address.ts'

/** Which attempts there were, and why they ended. */
export function Attempts({ workflow }: { workflow: WorkflowDetail }) {
  const { attempts, state } = workflow
  const lost = attempts.some(({ closed }) => closed !== null) && !ENDED.has(state)
  // One alone that came to its end says nothing that the head does not.
  if (attempts.length < 2 && !lost) return null
  const shown = attemptShown(workflow)
  return (
    <section class="attempts card" aria-labelledby="attempts-name">
      <h2 id="attempts-name">Attempts</h2>
      <table>
        <thead>
          <tr>
            {['Attempt', 'Agent', 'Began', 'Ran', 'Ended', 'Lines'].map((name) => (
              <th key={name} scope="col" class={name === 'Lines' ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {attempts.toReversed().map((attempt) => (
            <Row key={attempt.number} workflow={workflow} attempt={attempt} shown={attempt.number === shown} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ workflow, attempt, shown }: { workflow: WorkflowDetail; attempt: AttemptView; shown: boolean }) {
  const { number, agent, started, closed, lines } = attempt
  const query = new URLSearchParams(route.value.query)
  if (number === workflow.attempt) query.delete('attempt')
  else query.set('attempt', String(number))
  return (
    <tr class={shown ? 'attempt attempt-shown' : 'attempt'}>
      <th scope="row">
        <a
          href={hrefOf('workflows', workflow.id, query)}
          aria-current={shown ? 'true' : undefined}
          onClick={(event) => {
            event.preventDefault()
            refine({ attempt: query.get('attempt') ?? '', line: '' })
          }}
        >
          Attempt {number}
        </a>
      </th>
      <td>
        <a href={hrefOf('agents', agent)}>{agent}</a>
      </td>
      <td data-name="began">
        <Ago time={started} />
      </td>
      <td data-name="ran">
        <Took from={started} to={closed} />
      </td>
      <td class="attempt-end">{endOf(attempt)}</td>
      <td class="number" data-name="lines">
        {countText(lines)}
      </td>
    </tr>
  )
}

function endOf({ how, reason }: AttemptView): string {
  if (how === null) return 'it runs'
  return reason ?? (how === 'done' ? 'to its end' : how)
}
