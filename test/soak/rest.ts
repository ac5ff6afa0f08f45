import { readJournal } from '../../src/agent/journal/read.ts'
import { JournalState } from '../../src/agent/journal/state.ts'
import type { Client } from '../../src/client/node.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Rest } from './checks/rest.ts'
import type { World } from './world.ts'

type Nothing = Omit<Rest, 'rubbish'>

/** How the world is when nothing is to be done any more. What only needs a moment gets it. */
export async function restOf(world: World, client: Client): Promise<Nothing> {
  const look = async () => {
    const { pending, waiting, offered, running } = await client.call('queue.info', {})
    const { agents } = await client.call('agents', {})
    const journals = await Promise.all(world.players.map(({ name }) => heldBy(world, name)))
    return { queue: { pending, waiting, offered, running }, agents, journals, left: world.left() }
  }
  const isQuiet = ({ agents, journals, left }: Omit<Nothing, 'said'>) =>
    left.length === 0 &&
    journals.every(({ leases }) => leases.length === 0) &&
    agents.every(({ running, state }) => running === 0 && state === 'online')
  // What never becomes quiet is for the checks to tell.
  await waitUntil(async () => isQuiet(await look()), { limitMs: 60_000 }).catch(() => {})
  const said = world.stage.processes.map((one) => ({ who: one.command, text: one.stderr() }))
  return { ...(await look()), said }
}

async function heldBy(world: World, agent: string): Promise<{ agent: string; leases: string[] }> {
  const state = new JournalState('')
  for (const entry of (await readJournal(world.journal(agent))).entries) state.apply(entry)
  return { agent, leases: [...state.leases.keys()] }
}
