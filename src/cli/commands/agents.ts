import { type AgentView, toShown } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { printable, showAge, showDuration, showLabels } from '../format.ts'
import { allAgents } from '../known-agents.ts'
import { print } from '../output.ts'
import { table } from '../table.ts'

export const agents = define({
  name: 'agents',
  about: 'List the agents: what they can do, what they run, and whether two want one name.',
  flags: CONNECT,
  json: '{"agents":[{id, name, state, labels, capacity, running, address, roundTripMs, …}]}',
  examples: ['drumline agents', 'drumline agents --json'],
  async run(context) {
    const all = await withClient(context, allAgents)
    await print(context, { agents: all.map(toShown) }, (style) =>
      [
        table(
          ['NAME', 'STATE', 'RUNNING', 'LAST SEEN', 'FROM', 'TRIP', 'VERSION', 'ID', 'LABELS'],
          all.map(toCells),
          style,
        ),
        ...all.map(keepaliveOf),
        ...all.map(conflictOf),
      ].join(''),
    )
    return EXIT.ok
  },
})

function toCells(agent: AgentView): string[] {
  const { name, state, schedulable, running, capacity, lastSeen, address, roundTripMs, software, id, labels } = agent
  const shown = schedulable ? state : `${state}, unschedulable`
  const seen = state === 'offline' ? showAge(lastSeen, Date.now()) : 'now'
  const trip = roundTripMs === null ? '-' : showDuration(roundTripMs)
  return [name, shown, `${running}/${capacity}`, seen, address ?? '-', trip, software, id, showLabels(labels)]
}

function keepaliveOf({ name, keepaliveMs }: AgentView): string {
  if (keepaliveMs === null) return ''
  const why = 'something on its way here cuts a quiet connection'
  return `${printable(name)} pings every ${keepaliveMs / 1000} s: ${why}\n`
}

/** The one that was turned away comes again every minute. */
const CONFLICT_MS = 180_000

function conflictOf({ name, conflict }: AgentView): string {
  const now = Date.now()
  if (conflict === null || now - conflict.getTime() > CONFLICT_MS) return ''
  const who = `another process of the name ${printable(name)} with the same credential`
  return `${who} was turned away ${showAge(conflict, now)}; give each its own --name\n`
}
