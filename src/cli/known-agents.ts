import type { Client } from '../client/node.ts'
import type { AgentView } from '../protocol/index.ts'
import { CliError, EXIT } from './errors.ts'
import { printable } from './format.ts'
import { readPages } from './read-pages.ts'

/** Every agent that the server knows, by name. */
export function allAgents(client: Client): Promise<AgentView[]> {
  return readPages(Number.POSITIVE_INFINITY, async (page) => {
    const { agents, next } = await client.call('agents', page)
    return { rows: agents, next }
  })
}

/** The agent of this name or id. Two of one name, by two credentials, are told apart by their ids. */
export async function findAgent(client: Client, who: string): Promise<AgentView> {
  const found = (await allAgents(client)).filter(({ id, name }) => id === who || name === who)
  const [agent, second] = found
  if (agent === undefined) throw new CliError(EXIT.refused, 'not_found', `no agent ${printable(who)}`)
  if (second === undefined) return agent
  const ids = found.map(({ id }) => id).join(', ')
  throw new CliError(EXIT.usage, 'bad_request', `several agents are named ${printable(who)}; give an id: ${ids}`)
}
