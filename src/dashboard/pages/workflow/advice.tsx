import type { WorkflowDetail } from '../../../protocol/index.ts'
import type { Cause } from './causes.ts'

/** What somebody can do about it. */
export function Advice({ cause, workflow }: { cause: Cause; workflow: WorkflowDetail }) {
  switch (cause.code) {
    case 'labels':
      return (
        <>
          Start an agent that has its labels: <code>{agentCommand(workflow)}</code>
        </>
      )
    case 'required_label':
      return <>Such agents take only work that carries the label: submit it with it, or wait for another agent.</>
    case 'capacity':
      return <>It gets the next free slot. More slots: another agent, or a higher `--capacity`.</>
    case 'draining':
      return <>It finishes what it runs and leaves. An operator can resume it, if an operator drained it.</>
    case 'unschedulable':
      return <>An operator keeps work away from it, and can resume it on its page.</>
    case 'offline':
      return (
        <>
          {cause.agents.length === 0 ? 'Start one: ' : 'Start it again: '}
          <code>{cause.agents.length === 0 ? agentCommand(workflow) : 'drumline agent'}</code>, and if it does not
          connect: <code>drumline doctor {location.origin}</code>
        </>
      )
    case 'dependency':
      return <>It begins by itself once that has ended.</>
    case 'concurrency':
      return <>It begins by itself. The group’s `limit` says how many run at a time.</>
    case 'paused':
      return (
        <>
          Nothing is offered until an operator resumes the queue: <code>drumline queue resume</code>
        </>
      )
    case 'priority':
      return <>Higher priority goes first, then what is older.</>
    case 'excluded':
      return <>It is asked again within half a minute; what the agent printed says why it declined.</>
  }
}

function agentCommand({ labels }: WorkflowDetail): string {
  const flags = Object.entries(labels).map(([name, value]) => ` --label ${name}=${value}`)
  return `drumline agent --url ${location.origin}${flags.join('')}`
}
