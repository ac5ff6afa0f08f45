import { describeMissing, toShown, type WorkflowDetail } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import {
  paintState,
  printable,
  type Style,
  showDuration,
  showLabels,
  showMoment,
  showReceipts,
  showTime,
} from '../format.ts'
import { print } from '../output.ts'
import { table } from '../table.ts'

export const show = define({
  name: 'show',
  about: 'Show a workflow and its steps: where it runs, how it ended, what its log lacks.',
  args: [['<id>', 'of the workflow, as submit and list print it', 'workflow']],
  flags: CONNECT,
  json:
    '{id, name, state, attempt, agent, labels, created, started, finished, error, logs,\n' +
    ' steps: [{id, name, state, exitCode, started, finished, lines, …}],\n' +
    ' attempts: [{number, agent, started, closed, how, reason, lines}], …}',
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
  return `${lines.join('\n')}\n\n${steps(workflow, style)}${attempts(workflow, style)}${dependencies(workflow, style)}${missing(workflow)}`
}

function describeCancel({ cancel }: WorkflowDetail): string | null {
  if (cancel === null) return null
  const { reason, requested } = cancel
  return [printable(reason), `requested ${showMoment(requested)}`, ...showReceipts(cancel)].filter(Boolean).join('; ')
}

function steps({ steps: all, cancel }: WorkflowDetail, style: Style): string {
  const canceled = cancel !== null
  const failed = all.some(({ error }) => error !== null)
  const headings = ['STEP', 'NAME', 'STATE', 'EXIT', 'TOOK', 'LINES']
  const rows = all.map(({ id, name, state, exitCode, started, finished, lines, stopMs, error }) => {
    const took = started && finished ? showDuration(finished.getTime() - started.getTime()) : '-'
    const row = [id, name, state, exitCode === null ? '-' : String(exitCode), took, String(lines)]
    if (canceled) row.push(stopMs === null ? '-' : `after ${stopMs} ms`)
    if (failed) row.push(error ?? '-')
    return row
  })
  return table([...headings, ...(canceled ? ['STOPPED'] : []), ...(failed ? ['ERROR'] : [])], rows, style)
}

/** One that goes well says nothing that does not stand above. */
function attempts({ attempts: all }: WorkflowDetail, style: Style): string {
  if (all.length < 2) return ''
  const rows = all.map(({ number, agent, started, closed, how, reason, lines }) => {
    const took = closed === null ? '-' : showDuration(closed.getTime() - started.getTime())
    return [String(number), agent, showTime(started), took, String(lines), reason ?? how ?? 'it runs']
  })
  return `\n${table(['ATTEMPT', 'AGENT', 'STARTED', 'TOOK', 'LINES', 'ENDED'], rows, style)}`
}

function dependencies({ dependsOn }: WorkflowDetail, style: Style): string {
  if (dependsOn.length === 0) return ''
  const rows = dependsOn.map(({ id, name, state }) => [id, name, state])
  return `\n${table(['ID', 'DEPENDS ON', 'STATE'], rows, style)}`
}

function missing({ missing: ranges, steps: all }: WorkflowDetail): string {
  const rows = ranges.map((range) => {
    const name = all.find(({ id }) => id === range.stepId)?.name ?? range.stepId
    return `  ${printable(describeMissing(range, name))}\n`
  })
  return rows.length === 0 ? '' : `\nthe log is not whole:\n${rows.join('')}`
}
