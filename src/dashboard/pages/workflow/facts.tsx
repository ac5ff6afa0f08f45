import type { ComponentChildren } from 'preact'
import type { WorkflowDetail } from '../../../protocol/index.ts'
import { hrefOf } from '../../model/route.ts'
import { Copy } from '../../parts/copy.tsx'
import { durationText } from '../../parts/format.ts'
import { LabelList } from '../../parts/labels.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, Took } from '../../parts/time.tsx'
import { Completeness } from './completeness.tsx'

/** What is known of it beside its steps. */
export function Facts({ workflow }: { workflow: WorkflowDetail }) {
  const { id, agent, created, started, finished, labels, priority, dependsOn, terms } = workflow
  const { timeoutMs, concurrency } = terms
  const waits = agent !== null && started === null && finished === null
  return (
    <dl class="flow-facts card">
      <Fact name={waits ? 'Last agent' : 'Agent'}>
        {agent === null ? <Unknown /> : <a href={hrefOf('agents', agent)}>{agent}</a>}
      </Fact>
      <Fact name="Submitted">
        <Ago time={created} />
      </Fact>
      <Fact name="Waited">
        <Took from={created} to={started ?? finished} />
      </Fact>
      <Fact name="Ran">
        <Took from={started} to={finished} />
      </Fact>
      <Fact name="Log">
        <Completeness workflow={workflow} />
      </Fact>
      <Fact name="Timeout">{durationText(timeoutMs)}</Fact>
      {concurrency !== null && (
        <Fact name="Group">
          {concurrency.group} <span class="quiet">at most {concurrency.limit} at a time</span>
        </Fact>
      )}
      {priority !== 0 && <Fact name="Priority">{priority}</Fact>}
      {Object.keys(labels).length > 0 && (
        <Fact name="Labels">
          <LabelList labels={labels} />
        </Fact>
      )}
      {dependsOn.length > 0 && (
        <Fact name="Depends on">
          <Others others={dependsOn} />
        </Fact>
      )}
      <Fact name="Id">
        <code>{id}</code>
        <Copy text={id} what="the id" />
      </Fact>
    </dl>
  )
}

function Others({ others }: { others: WorkflowDetail['dependsOn'] }) {
  return (
    <ul class="flow-others">
      {others.map(({ id, name, state }) => (
        <li key={id}>
          <State of={state} short /> <a href={hrefOf('workflows', id)}>{name}</a>
        </li>
      ))}
    </ul>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Unknown() {
  return <span class="quiet">–</span>
}
