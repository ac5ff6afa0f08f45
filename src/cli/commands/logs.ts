import { type Client, type Followed, followLogs } from '../../client/node.ts'
import type { LogPart, WorkflowDetail } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { CliError, EXIT } from '../errors.ts'
import { integer, text, toggle } from '../flags.ts'
import { LogPrinter, toRows } from '../log-printer.ts'

const FLAGS = {
  follow: toggle('-f, --follow', 'go on until the workflow has ended'),
  step: text('--step <name>', "only this step's lines"),
  attempt: integer('--attempt <n>', 'of this attempt; default the latest', {
    least: 1,
    most: 1_000_000,
    fallback: undefined,
  }),
  commands: toggle('--commands', 'also the commands themselves and what the agent says'),
  ...CONNECT,
}

export const logs = define({
  name: 'logs',
  about: "Print the text of a workflow's lines and nothing else",
  args: [['<id>', 'of the workflow']],
  flags: FLAGS,
  examples: ['drumline logs ID', 'drumline logs ID -f --step test', 'drumline logs ID --json | jq -r .text'],
  async run(context) {
    await withClient(context, (client) => printLogs(client, context))
    return EXIT.ok
  },
})

async function printLogs(client: Client, context: Context<typeof FLAGS>): Promise<void> {
  const { world, flags, args } = context
  const [id = ''] = args
  const detail = await client.call('get', { id })
  const stepId = stepOf(detail, flags.step)
  const wanted = {
    ...(stepId === undefined ? {} : { stepId }),
    ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }),
  }
  const sink = new Sink(context, detail)
  const parts = flags.follow
    ? followLogs(client, id, { ...wanted, onWorkflow: (workflow) => sink.know(workflow) })
    : stored(client, id, wanted)
  let last: WorkflowDetail | undefined
  for (;;) {
    const next = await parts.next()
    if (next.done) {
      last = next.value
      break
    }
    await world.stdout.write(sink.text(next.value))
  }
  await world.stdout.write(sink.rest())
  await sayMissing(context, last ?? detail, stepId)
}

/** What is stored now. */
async function* stored(
  client: Client,
  id: string,
  wanted: { stepId?: string; attempt?: number },
): AsyncGenerator<Followed, undefined> {
  let at: { after?: string; attempt?: number } = {}
  for (;;) {
    const page = await client.call('logs', { id, ...wanted, ...at })
    for (const part of page.parts) yield { attempt: page.attempt, lease: part.lease, part }
    if (!page.more) return undefined
    // The attempt as well: the latest may be another one by the next page.
    at = { ...(page.next === null ? {} : { after: page.next }), ...(page.attempt > 0 ? { attempt: page.attempt } : {}) }
  }
}

/** Turns parts into what is printed. */
class Sink {
  readonly #json: boolean
  readonly #everything: boolean
  readonly #printer: LogPrinter
  #detail: WorkflowDetail

  constructor({ flags }: Context<typeof FLAGS>, detail: WorkflowDetail) {
    this.#json = flags.json
    this.#everything = flags.commands
    this.#printer = new LogPrinter({ everything: flags.commands })
    this.#detail = detail
  }

  know(detail: WorkflowDetail): void {
    this.#detail = detail
  }

  text({ attempt, part }: Followed): string {
    return this.#json ? this.#rows(attempt, part) : this.#printer.text(part)
  }

  rest(): string {
    return this.#printer.rest()
  }

  #rows(attempt: number, part: LogPart): string {
    const step = this.#detail.steps.find(({ id }) => id === part.stepId)
    // Steps are shown as of the latest attempt; when those of an older one started is not known here.
    const started = attempt === this.#detail.attempt ? step?.started : null
    const shown = { name: step?.name ?? part.stepId, started: started ?? null }
    return toRows(part, shown, { everything: this.#everything })
  }
}

function stepOf({ steps, name }: WorkflowDetail, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined
  const step = steps.find((candidate) => candidate.name === wanted) ?? steps.find(({ id }) => id === wanted)
  if (step !== undefined) return step.id
  const names = steps.map((candidate) => candidate.name).join(', ')
  throw new CliError(EXIT.refused, 'not_found', `${name} has no step ${JSON.stringify(wanted)}; it has ${names}`)
}

/** A log that is not whole says so, on stderr: stdout is the log's alone. */
async function sayMissing(
  { world, flags }: Context<typeof FLAGS>,
  detail: WorkflowDetail,
  stepId?: string,
): Promise<void> {
  if (flags.json || (flags.attempt !== undefined && flags.attempt !== detail.attempt)) return
  for (const gap of detail.missing.filter((one) => stepId === undefined || one.stepId === stepId)) {
    const name = detail.steps.find(({ id }) => id === gap.stepId)?.name ?? gap.stepId
    await world.stderr.write(`drumline: lines ${gap.from} to ${gap.to} of ${name} are missing: ${gap.reason}\n`)
  }
}
