import type { Client } from '../../client/node.ts'
import {
  definedOnly,
  toShown,
  WORKFLOW_STATES,
  type WorkflowStateName,
  type WorkflowView,
} from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { integer, pairs, text, words } from '../flags.ts'
import { showAge, showDuration } from '../format.ts'
import { print } from '../output.ts'
import { readPages } from '../read-pages.ts'
import { table } from '../table.ts'

interface Wanted {
  readonly limit: number
  readonly state: readonly WorkflowStateName[]
  readonly label: Readonly<Record<string, string>>
  readonly text: string | undefined
}

export const list = define({
  name: 'list',
  about: 'List workflows, newest first.',
  json: '{"workflows":[…]}, each as `show --json` prints it, without steps',
  flags: {
    limit: integer('--limit <n>', 'how many at most', { least: 1, most: 10_000, fallback: 50 }),
    state: words('--state <state>', 'only in one of these states; may be given several times', WORKFLOW_STATES),
    label: pairs('--label <k=v>', 'only with this label; may be given several times'),
    text: text('--text <text>', 'only with this in the name, the id, the name of the agent, or a label as k=v'),
    ...CONNECT,
  },
  examples: [
    'drumline list',
    'drumline list --state running --label platform=linux/amd64',
    'drumline list --state pending,waiting',
    'drumline list --text nightly --state failure',
    'drumline list --limit 5 --json',
  ],
  async run(context) {
    const workflows = await withClient(context, (client) => read(client, context.flags))
    await print(context, { workflows: workflows.map(toShown) }, (style) =>
      table(['ID', 'NAME', 'STATE', 'ATTEMPT', 'AGENT', 'CREATED', 'TOOK'], workflows.map(toCells), style),
    )
    return EXIT.ok
  },
})

function read(client: Client, { limit, state, label, text }: Wanted): Promise<WorkflowView[]> {
  const only = {
    ...(state.length > 0 ? { state: [...state] } : {}),
    ...(Object.keys(label).length > 0 ? { labels: { ...label } } : {}),
    ...definedOnly({ text }),
  }
  return readPages(limit, async (page) => {
    const { workflows, next } = await client.call('list', { ...only, ...page })
    return { rows: workflows, next }
  })
}

function toCells({ id, name, state, attempt, agent, created, started, finished }: WorkflowView): string[] {
  const took = started && finished ? showDuration(finished.getTime() - started.getTime()) : '-'
  return [id, name, state, String(attempt), agent ?? '-', showAge(created, Date.now()), took]
}
