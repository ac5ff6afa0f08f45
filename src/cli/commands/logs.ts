import { type Client, type Followed, followLogs } from '../../client/node.ts'
import {
  describeMissing,
  LogText,
  type MissingLines,
  type ResultOf,
  stepIdOf,
  type WorkflowDetail,
} from '../../protocol/index.ts'
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
  // Nobody writes an older attempt any more.
  const isOld = flags.attempt !== undefined && flags.attempt < detail.attempt
  const parts = flags.follow && !isOld ? followed(client, id, wanted, log) : stored(client, id, wanted)
  const { missing, state } = await printParts(parts, log, context)
  await world.stdout.write(log.end(missing))
  if (flags.json) return
  await sayMissing(context, detail, missing)
  if (isOld && state === 'open') {
    await world.stderr.write(`drumline: the log of attempt ${flags.attempt} is open: its steps may have written more\n`)
  }
}

type Ending = Pick<ResultOf<'logs'>, 'missing' | 'state'>
type Parts = AsyncGenerator<Followed, Ending>

async function printParts(parts: Parts, log: LogText, { world, flags }: Context<typeof FLAGS>): Promise<Ending> {
  let shown = 0
  for (;;) {
    const next = await parts.next()
    if (next.done) return next.value
    const { attempt, part } = next.value
    if (shown > 0 && attempt !== shown) {
      await world.stdout.write(log.rest())
      if (!flags.json) await world.stderr.write(`drumline: attempt ${attempt}, from its first line\n`)
    }
    shown = attempt
    await world.stdout.write(log.text(attempt, part))
  }
}

interface Wanted {
  stepId?: string
  attempt?: number
}

/** Until the workflow has ended. */
async function* followed(client: Client, id: string, wanted: Wanted, log: LogText): Parts {
  const last = yield* followLogs(client, id, { ...wanted, onWorkflow: (workflow) => log.know(workflow) })
  const { stepId, attempt = last?.attempt } = wanted
  if (last === undefined || attempt !== last.attempt) return { missing: [], state: 'open' }
  return { missing: last.missing.filter((one) => stepId === undefined || one.stepId === stepId), state: last.logs }
}

/** What is stored now. */
async function* stored(client: Client, id: string, wanted: Wanted): Parts {
  let at: { after?: string; attempt?: number } = {}
  for (;;) {
    const page = await client.call('logs', { id, ...wanted, ...at })
    for (const part of page.parts) yield { attempt: page.attempt, lease: part.lease, part }
    if (!page.more) return page
    // The attempt as well: the latest may be another one by the next page.
    at = { ...(page.next === null ? {} : { after: page.next }), ...(page.attempt > 0 ? { attempt: page.attempt } : {}) }
  }
}

/** A log that is not whole says so, on stderr: stdout is the log's alone. */
async function sayMissing(
  { world }: Context<typeof FLAGS>,
  { steps }: WorkflowDetail,
  missing: readonly MissingLines[],
): Promise<void> {
  for (const range of missing) {
    const name = steps.find(({ id }) => id === range.stepId)?.name ?? range.stepId
    await world.stderr.write(`drumline: ${describeMissing(range, name)}\n`)
  }
}
