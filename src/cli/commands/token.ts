import type { Client } from '../../client/node.ts'
import { type CredentialView, SHAPE, toPlain } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define, group } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { pairs, text, word } from '../flags.ts'
import { showAge, showLabels } from '../format.ts'
import { print } from '../output.ts'
import { table } from '../table.ts'

const ROLES = ['agent', 'operator', 'viewer'] as const

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
    ...CONNECT,
  },
  json: '{"id","token"}',
  examples: ['drumline token create --role agent', 'drumline token create --role operator --label tenant=acme --json'],
  async run(context) {
    const { role, name, label } = context.flags
    if (role === undefined) throw usage(`--role is missing; it must be one of ${ROLES.join(', ')}`)
    const wanted = { role, ...(name === undefined ? {} : { name }), labels: { ...label } }
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
  json: '{"tokens":[{id, role, name, labels, state, created, expires, overlap, revoked, lastUsed, enrolled}]}',
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
          name || '-',
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
  return since === null ? state : `${state} ${showAge(since, now)}`
}

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

export const token = group('token', 'Make, list and end credentials. Only the admin may.', [create, list, revoke])
