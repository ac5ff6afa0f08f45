import type { Client } from '../../client/node.ts'
import { type CredentialView, SHAPE, toPlain } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define, group } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { duration, durationOr, pairs, text, toggle, word } from '../flags.ts'
import { printable, showAge, showDuration, showLabels, showMoment } from '../format.ts'
import { print } from '../output.ts'
import { table } from '../table.ts'

const ROLES = ['agent', 'operator', 'viewer'] as const

const expires = durationOr(
  'never',
  '--expires <duration>',
  'how long its token is good, such as 90d; default never, of an enrolment 1h',
)

/** As the method takes it: null is never, nothing is the server's own default. */
function lifetimeOf(ms: number | undefined): { expiresMs?: number | null } {
  if (ms === undefined) return {}
  return { expiresMs: ms === Number.POSITIVE_INFINITY ? null : ms }
}

const create = define({
  name: 'token create',
  about: 'Make a credential. Its token is shown this once and stored hashed.',
  flags: {
    role: word('--role <role>', `what it may do: ${ROLES.join(', ')}`, ROLES),
    name: text('--name <name>', 'for people, in `token list`'),
    label: pairs(
      '--label <k=v>',
      'of its agents and their work; of all an operator or viewer sees; several times for several',
    ),
    expires,
    enrol: toggle('--enrol', 'of an agent: good for one enrolment, by which it gets a credential that nobody has seen'),
    ...CONNECT,
  },
  json: '{"id","token"}',
  examples: [
    'drumline token create --role agent',
    'drumline token create --role operator --label tenant=acme --json',
    'drumline token create --role viewer --expires 90d',
    'drumline token create --role agent --enrol --expires 10m',
  ],
  async run(context) {
    const { role, name, label, enrol } = context.flags
    if (role === undefined) throw usage(`--role is missing; it must be one of ${ROLES.join(', ')}`)
    if (enrol && role !== 'agent') throw usage('--enrol is for agents only')
    const wanted = {
      role,
      labels: { ...label },
      ...lifetimeOf(context.flags.expires),
      ...(enrol ? { enrol } : {}),
      ...(name === undefined ? {} : { name }),
    }
    const made = await withClient(context, (client) => client.call('token.create', wanted))
    await print(context, made, () => `${made.token}\n`)
    if (context.world.stdout.isTerminal && !context.flags.json) {
      await context.world.stderr.write(`The token of ${made.id}. It is not shown again.\n`)
    }
    return EXIT.ok
  },
})

const list = define({
  name: 'token list',
  about: 'List the credentials, without their tokens.',
  flags: CONNECT,
  json: '{"tokens":[{id, role, name, labels, state, created, expires, revoked, lastUsed, …}]}',
  examples: ['drumline token list'],
  async run(context) {
    const tokens = await withClient(context, allTokens)
    await print(context, { tokens: toPlain(tokens) }, (style) => {
      const now = Date.now()
      const rows = tokens.map((one) => {
        const { id, role, name, labels, created, lastUsed } = one
        return [
          id,
          role,
          printable(name) || '-',
          showState(one, now),
          showAge(created, now),
          showAge(lastUsed, now),
          showLabels(labels),
        ]
      })
      return table(['ID', 'ROLE', 'NAME', 'STATE', 'CREATED', 'LAST USED', 'LABELS'], rows, style)
    })
    return EXIT.ok
  },
})

async function allTokens(client: Client): Promise<CredentialView[]> {
  const all: CredentialView[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const { tokens, next } = await client.call('token.list', {
      limit: SHAPE.pageMax,
      ...(after === undefined ? {} : { after }),
    })
    all.push(...tokens)
    after = next
  }
  return all
}

function showState({ state, expires, revoked }: CredentialView, now: number): string {
  const since = { expired: expires, revoked, used: null, valid: null }[state]
  if (since !== null) return `${state} ${showAge(since, now)}`
  if (state !== 'valid' || expires === null) return state
  return `expires in ${showDuration(expires.getTime() - now)}`
}

const rotate = define({
  name: 'token rotate',
  about:
    'Give a credential another token, also one that has expired; it is shown this once. What is connected with the one ' +
    'before stays so until that ends, and an agent reads its --token-file again whenever it connects. `admin` is the ' +
    "admin's own, whose file is written anew.",
  args: [['<id>', 'of the credential, as `token list` prints it', 'credential']],
  flags: {
    overlap: duration('--overlap <duration>', 'how much longer the token before it is good; 0s: it ends at once', {
      shown: '1d',
    }),
    expires: { ...expires, about: 'how long the new one is good; default as long as the one before was made for' },
    ...CONNECT,
  },
  json: '{"id","token","overlap","expires"}',
  examples: [
    'drumline token rotate ID',
    'drumline token rotate ID --overlap 1h',
    'drumline token rotate admin --overlap 0s',
  ],
  async run(context) {
    const [id = ''] = context.args
    const { overlap } = context.flags
    const ask = { id, ...lifetimeOf(context.flags.expires), ...(overlap === undefined ? {} : { overlapMs: overlap }) }
    const made = await withClient(context, (client) => client.call('token.rotate', ask))
    await print(context, made, () => `${made.token}\n`)
    if (context.world.stdout.isTerminal && !context.flags.json) {
      const until = showMoment(new Date(made.overlap))
      await context.world.stderr.write(
        `The new token of ${made.id}. It is not shown again; the one before ends ${until}.\n`,
      )
    }
    return EXIT.ok
  },
})

const revoke = define({
  name: 'token revoke',
  about: 'End a credential and close what is connected with it.',
  args: [['<id>', 'of the credential, as `token list` prints it', 'credential']],
  flags: CONNECT,
  json: '{"id"}',
  examples: ['drumline token revoke ID'],
  async run(context) {
    const [id = ''] = context.args
    await withClient(context, (client) => client.call('token.revoke', { id }))
    await print(context, { id }, () => `${id} revoked\n`)
    return EXIT.ok
  },
})

export const token = group('token', 'Make, list and end credentials. Only the admin may.', [
  create,
  list,
  rotate,
  revoke,
])
