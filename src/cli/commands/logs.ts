import { type Client, type Followed, followLogs } from '../../client/node.ts'
import { describeMissing, LogText, stepIdOf, type WorkflowDetail } from '../../protocol/index.ts'
import { CONNECT, WATCHING, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { integer, text, toggle } from '../flags.ts'

const FLAGS = {
  follow: toggle('-f, --follow', 'go on until the workflow has ended'),
  step: text('--step <name>', "only this step's lines", { completes: 'step' }),
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
  about: 'Print what the steps of a workflow wrote and nothing else. What is missing of it is said on stderr.',
  args: [['<id>', 'of the workflow', 'workflow']],
  flags: FLAGS,
  json: 'a row a line: {step, line, time, kind, text}; lines count from 1, time is null if not known',
  examples: ['drumline logs ID', 'drumline logs ID -f --step test', 'drumline logs ID --json | jq -r .text'],
  async run(context) {
    await withClient(context, (client) => printLogs(client, context), context.flags.follow ? WATCHING : {})
    return EXIT.ok
  },
})

async function printLogs(client: Client, context: Context<typeof FLAGS>): Promise<void> {
  const { world, flags, args } = context
  const [id = ''] = args
  const detail = await client.call('get', { id })
  const stepId = stepIdOf(detail, flags.step)
  const wanted = {
    ...(stepId === undefined ? {} : { stepId }),
    ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }),
  }
  const log = new LogText(detail, { json: flags.json, everything: flags.commands, marks: false })
  const parts = flags.follow
    ? followLogs(client, id, { ...wanted, onWorkflow: (workflow) => log.know(workflow) })
    : stored(client, id, wanted)
  let last: WorkflowDetail | undefined
  let shown = 0
  for (;;) {
    const next = await parts.next()
    if (next.done) {
      last = next.value
      break
    }
    const { attempt, part } = next.value
    if (shown > 0 && attempt !== shown) {
      await world.stdout.write(log.rest())
      if (!flags.json) await world.stderr.write(`drumline: attempt ${attempt}, from its first line\n`)
    }
    shown = attempt
    await world.stdout.write(log.text(attempt, part))
  }
  await world.stdout.write(log.rest())
  if (flags.json) return
  const now = last ?? detail
  if (flags.attempt === undefined || flags.attempt === now.attempt) await sayMissing(context, now, stepId)
  else await sayOlder(client, context, flags.attempt)
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

/** Which lines a workflow lacks is known of its latest attempt; of an older one, only whether it lacks any. */
async function sayOlder(client: Client, { world, args: [id = ''] }: Context<typeof FLAGS>, attempt: number) {
  const { state } = await client.call('logs', { id, attempt })
  if (state === 'complete') return
  await world.stderr.write(`drumline: the log of attempt ${attempt} is ${state}: its steps may have written more\n`)
}

/** A log that is not whole says so, on stderr: stdout is the log's alone. */
async function sayMissing({ world }: Context<typeof FLAGS>, detail: WorkflowDetail, stepId?: string): Promise<void> {
  for (const gap of detail.missing.filter((one) => stepId === undefined || one.stepId === stepId)) {
    const name = detail.steps.find(({ id }) => id === gap.stepId)?.name ?? gap.stepId
    await world.stderr.write(`drumline: ${describeMissing(gap, name)}\n`)
  }
}
