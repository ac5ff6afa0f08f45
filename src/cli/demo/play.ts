import { type Client, followLogs } from '../../client/index.ts'
import type { LogPart, WorkflowDetail, WorkflowSpec } from '../../protocol/index.ts'
import { parseWorkflows } from '../../workflow/index.ts'
import type { Example } from './example.ts'
import type { Ended } from './summary.ts'

/** Of a long log only so many lines are shown; all of them are stored and counted. */
const SHOWN_LINES = 40

/** Submits the examples, shows their logs as they come, and resolves when all have ended. */
export async function play(
  client: Client,
  examples: readonly Example[],
  environment: Readonly<Record<string, string>>,
  print: (name: string, line: string) => void,
  signal: AbortSignal,
): Promise<Ended[]> {
  const { workflows } = await client.call('submit', { workflows: specsOf(examples, environment), secrets: {} })
  return Promise.all(
    workflows.map(async ({ id, name }, index) => {
      const example = examples[index] as Example
      const show = (line: string) => print(name, line)
      const workflow = await watch(client, id, example, show, signal)
      show(`— ${workflow.state}`)
      return { example, workflow }
    }),
  )
}

function specsOf(examples: readonly Example[], environment: Readonly<Record<string, string>>): WorkflowSpec[] {
  const { workflows, problems } = parseWorkflows(examples.map(({ file, text }) => ({ name: file, text })))
  const [problem] = problems
  if (problem) throw new Error(`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`)
  return workflows.map((spec) => ({ ...spec, environment: { ...spec.environment, ...environment } }))
}

async function watch(
  client: Client,
  id: string,
  example: Example,
  show: (line: string) => void,
  signal: AbortSignal,
): Promise<WorkflowDetail> {
  let shown = 0
  let canceled = false
  for await (const { part } of followLogs(client, id, { signal })) {
    const lines = linesOf(part)
    for (const line of lines.slice(0, Math.max(0, SHOWN_LINES - shown))) show(line)
    if (shown < SHOWN_LINES && shown + lines.length >= SHOWN_LINES) show('… the rest is in its log')
    shown += lines.length
    if (example.cancelAtFirstLine && !canceled && hasOutput(part)) {
      canceled = true
      await client.call('cancel', { ids: [id], reason: 'as its first lines ask' })
    }
  }
  signal.throwIfAborted()
  return client.call('get', { id })
}

function linesOf(part: LogPart): string[] {
  return part.kind === 'gap' ? [`(lines ${part.from}–${part.to} are missing)`] : part.text.split('\n').slice(0, -1)
}

function hasOutput(part: LogPart): boolean {
  return part.kind === 'lines' && part.runs.some(([, , kind]) => kind === 'out')
}
