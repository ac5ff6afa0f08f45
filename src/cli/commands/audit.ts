import type { Client } from '../../client/node.ts'
import { type AuditView, toPlain } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { duration, integer, text } from '../flags.ts'
import { printable, showTime } from '../format.ts'
import { print } from '../output.ts'
import { readPages } from '../read-pages.ts'
import { table } from '../table.ts'

interface Wanted {
  readonly limit: number
  readonly since: number | undefined
  readonly credential: string | undefined
  readonly action: string | undefined
}

export const audit = define({
  name: 'audit',
  about: 'Say who did what, newest first, and who was refused what was not theirs. Only the admin may.',
  json: '{"entries":[{at, credential, name, role, address, action, subjects, outcome, times, until}]}',
  flags: {
    limit: integer('--limit <n>', 'how many at most', { least: 1, most: 10_000, fallback: 50 }),
    since: duration('--since <duration>', 'only the last so much, such as 1d'),
    credential: text('--credential <id>', 'only what was done with this one', { completes: 'credential' }),
    action: text('--action <name>', 'only this: a method, such as submit or token.revoke'),
    ...CONNECT,
  },
  examples: [
    'drumline audit --since 1d',
    'drumline audit --action submit --limit 10',
    'drumline audit --credential ID --json',
  ],
  async run(context) {
    const entries = await withClient(context, (client) => read(client, context.flags))
    await print(context, { entries: toPlain(entries) }, (style) =>
      table(['TIME', 'WHO', 'ROLE', 'FROM', 'ACTION', 'OUTCOME', 'WHAT'], entries.map(toCells), style),
    )
    return EXIT.ok
  },
})

function read(client: Client, { limit, since, credential, action }: Wanted): Promise<AuditView[]> {
  const only = {
    ...(since === undefined ? {} : { since: Date.now() - since }),
    ...(credential === undefined ? {} : { credential }),
    ...(action === undefined ? {} : { action }),
  }
  return readPages(limit, async (page) => {
    const { entries, next } = await client.call('audit', { ...only, ...page })
    return { rows: entries, next }
  })
}

function toCells({ at, name, role, address, action, subjects, outcome, times }: AuditView): string[] {
  const how = times > 1 ? `${outcome} ×${times}` : outcome
  const [first = '-'] = subjects
  const what = subjects.length > 1 ? `${first} and ${subjects.length - 1} more` : first
  return [showTime(at), printable(name), role, address || '-', action, how, what]
}
