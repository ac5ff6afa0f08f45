import { type Client, ENDED } from '../../client/node.ts'
import { WORKFLOW_STATES, type WorkflowView } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import type { Completes } from '../flags.ts'
import { printable, showAge } from '../format.ts'
import { readFlags } from '../values.ts'
import type { World } from '../world.ts'
import type { Candidate } from './candidate.ts'
import type { Cursor } from './cursor.ts'

type Asked = Extract<Completes, string>

/** Somebody waits with a finger on the key. */
const PATIENCE_MS = 1_000
const MOST = 50

/** What the server knows that could stand here: nothing where there is no server, no credential, or no time. */
export async function askServer(what: Asked, { page, args, flags }: Cursor, world: World): Promise<Candidate[]> {
  try {
    const written = readFlags(page?.name ?? '', CONNECT, flags, world.env)
    const context = { world, args, ...written, flags: { ...written.flags, json: true } }
    return await withClient(context, (client) => read(client, what, args), { giveUpMs: PATIENCE_MS })
  } catch {
    // A completion has nobody to complain to.
    return []
  }
}

async function read(client: Client, what: Asked, args: readonly string[]): Promise<Candidate[]> {
  if (what === 'credential') {
    const { tokens } = await client.call('token.list', { limit: MOST })
    const valid = tokens.filter(({ state }) => state !== 'revoked')
    return valid.map(({ id, role, name }) => ({ value: id, about: `${role} ${printable(name)}` }))
  }
  if (what === 'agent') {
    const { agents } = await client.call('agents', { limit: MOST })
    return agents.map(({ name, state, running }) => ({ value: name, about: `${state}, runs ${running}` }))
  }
  if (what === 'step') {
    const { steps } = await client.call('get', { id: args[0] ?? '' })
    return steps.map(({ name, state }) => ({ value: name, about: state }))
  }
  const state = what === 'live workflow' ? WORKFLOW_STATES.filter((one) => !ENDED.has(one)) : [...WORKFLOW_STATES]
  const { workflows } = await client.call('list', { state, limit: MOST })
  return workflows.map(describe)
}

function describe({ id, name, state, created }: WorkflowView): Candidate {
  return { value: id, about: `${printable(name)}, ${state}, ${showAge(created, Date.now())}` }
}
