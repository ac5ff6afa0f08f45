import { toShown, type WorkflowDetail } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { paintState, printable, type Style, showDuration, showLabels, showTime } from '../format.ts'
import { print } from '../output.ts'
import { table } from '../table.ts'

export const show = define({
  name: 'show',
  about: 'Show a workflow and its steps: where it runs, how it ended, what its log lacks.',
  args: [['<id>', 'of the workflow, as submit and list print it', 'workflow']],
  flags: CONNECT,
  json:
    '{id, name, state, attempt, agent, labels, created, started, finished, error, logs,\n' +
    ' steps: [{id, name, state, exitCode, started, finished, lines}], …}',
  examples: ['drumline show ID', 'drumline show ID --json | jq -r .state'],
  async run(context) {
    const [id = ''] = context.args
    const detail = await withClient(context, (client) => client.call('get', { id }))
    await print(context, toShown(detail), (style) => describe(detail, style))
    return EXIT.ok
  },
})

function describe(workflow: WorkflowDetail, style: Style): string {
  const facts: [string, string | null][] = [
    ['id', workflow.id],
    ['name', printable(workflow.name)],
    ['state', paintState(workflow.state, style)],
    ['error', workflow.error && printable(workflow.error)],
    ['lost', workflow.lost && printable(workflow.lost)],
    ['attempt', workflow.attempt === 0 ? null : String(workflow.attempt)],
    ['agent', workflow.agent && printable(workflow.agent)],
    ['labels', showLabels(workflow.labels)],
    ['priority', workflow.priority === 0 ? null : String(workflow.priority)],
    ['created', showTime(workflow.created)],
    ['started', workflow.started && showTime(workflow.started)],
    ['finished', workflow.finished && showTime(workflow.finished)],
    ['cancel', describeCancel(workflow)],
    ['logs', workflow.logs],
  ]
  const lines = facts.filter(([, value]) => value).map(([key, value]) => `${`${key}:`.padEnd(11)}${value}`)
  return `${lines.join('\n')}\n\n${steps(workflow, style)}${dependencies(workflow, style)}${missing(workflow)}`
}

function describeCancel({ cancel }: WorkflowDetail): string | null {
  if (cancel === null) return null
  const { reason, requested, received, stopping, stopped } = cancel
  const times = Object.entries({ requested, received, stopping, stopped })
  const known = times.filter(([, time]) => time !== null).map(([phase, time]) => `${phase} ${showTime(time)}`)
  return [printable(reason), ...known].filter(Boolean).join('; ')
}

function steps({ steps: all }: WorkflowDetail, style: Style): string {
  const rows = all.map(({ id, name, state, exitCode, started, finished, lines }) => {
    const took = started && finished ? showDuration(finished.getTime() - started.getTime()) : '-'
    return [id, name, state, exitCode === null ? '-' : String(exitCode), took, String(lines)]
  })
  return table(['STEP', 'NAME', 'STATE', 'EXIT', 'TOOK', 'LINES'], rows, style)
}

function dependencies({ dependsOn }: WorkflowDetail, style: Style): string {
  if (dependsOn.length === 0) return ''
  const rows = dependsOn.map(({ id, name, state }) => [id, name, state])
  return `\n${table(['ID', 'DEPENDS ON', 'STATE'], rows, style)}`
}

function missing({ missing: ranges }: WorkflowDetail): string {
  if (ranges.length === 0) return ''
  const rows = ranges.map(({ stepId, from, to, reason }) => `  ${stepId}: ${from} to ${to}, ${printable(reason)}`)
  return `\nlines that are missing:\n${rows.join('\n')}\n`
}
