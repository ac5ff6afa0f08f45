import type { AgentView, WorkflowView } from '../../protocol/index.ts'
import { paint, type Style, showAge, showDuration } from '../format.ts'
import { table } from '../table.ts'
import { clipTo } from '../width.ts'
import type { Overview } from './watch.ts'

const BOLD = 1
/** Cells of a workflow's name: a longer one would send what stands beside it far away. */
const NAME = 40

export interface Room {
  /** Rows of the terminal that are left; endless elsewhere. */
  readonly rows: number
  /** Id of a workflow that must be seen. */
  readonly chosen: string | undefined
}

/** Agents, what runs and what ended, each as much of it as there is room for; the titles tell of the rest. */
export function sectionsOf(overview: Overview, now: number, style: Style, { rows, chosen }: Room): string[] {
  const { agents, running, ended } = overview
  const share = shareOf(rows, [running.length, agents.length, ended.length])
  const [forRunning = 0, forAgents = 0, forEnded = 0] = share
  const parts = [
    section(agentsTitle(agents), agentRows(agents.slice(0, forAgents), running), style),
    section(countOf('Running', running), runningRows(around(running, chosen, forRunning), now, style, chosen), style),
    section(ended.length === 0 ? 'Ended: none' : 'Ended', endedRows(ended.slice(0, forEnded), now, style), style),
  ]
  const airy = parts.flat().length + 2 <= rows
  return parts.flatMap((lines, index) => (airy && index > 0 ? ['', ...lines] : lines))
}

/** How many rows each table gets, in turns, if each has a line for its title and another for its headings. */
function shareOf(room: number, wanted: readonly number[]): number[] {
  const given = wanted.map(() => 0)
  let left = room - wanted.length
  for (let more = true; more; ) {
    more = false
    for (const [index, most] of wanted.entries()) {
      const has = given[index] ?? 0
      const price = has === 0 ? 2 : 1
      if (has === most || price > left) continue
      given[index] = has + 1
      left -= price
      more = true
    }
  }
  return given
}

/** So many, from the start unless the chosen one stands below. */
function around(running: readonly WorkflowView[], chosen: string | undefined, most: number): readonly WorkflowView[] {
  const start = Math.max(0, running.findIndex(({ id }) => id === chosen) - most + 1)
  return running.slice(start, start + most)
}

function section(title: string, [headings = [], ...rows]: readonly (readonly string[])[], style: Style): string[] {
  if (rows.length === 0) return [paint(title, BOLD, style)]
  return [paint(title, BOLD, style), ...table(headings, rows, style).trimEnd().split('\n')]
}

function countOf(what: string, { length }: readonly unknown[]): string {
  return length === 0 ? `${what}: none` : `${what}: ${length}`
}

function agentsTitle(agents: readonly AgentView[]): string {
  const here = agents.filter(({ state }) => state !== 'offline')
  const busy = here.reduce((sum, agent) => sum + agent.running, 0)
  const slots = here.reduce((sum, agent) => sum + agent.capacity, 0)
  return agents.length === 0 ? 'Agents: none' : `${countOf('Agents', agents)}; ${busy} of ${slots} slots taken`
}

function agentRows(agents: readonly AgentView[], all: readonly WorkflowView[]): string[][] {
  const rows = agents.map(({ name, state, schedulable, running, capacity }) => {
    const runs = all.filter(({ agent }) => agent === name).map((workflow) => workflow.name)
    const shown = schedulable ? state : `${state}, unschedulable`
    return [name, shown, `${running}/${capacity}`, runs.join(', ') || '-']
  })
  return [['NAME', 'STATE', 'SLOTS', 'RUNS'], ...rows]
}

function runningRows(
  shown: readonly WorkflowView[],
  now: number,
  style: Style,
  chosen: string | undefined,
): string[][] {
  const choosing = shown.some(({ id }) => id === chosen)
  const rows = shown.map(({ name, agent, started, id, cancel }) => {
    const mark = choosing ? (id === chosen ? '> ' : '  ') : ''
    const time = started === null ? '-' : showDuration(now - started.getTime())
    return [mark + short(name, style), agent ?? '-', cancel === null ? time : `${time}, canceling`, id]
  })
  return [['NAME', 'AGENT', 'FOR', 'ID'], ...rows]
}

function endedRows(ended: readonly WorkflowView[], now: number, style: Style): string[][] {
  const rows = ended.map(({ name, state, started, finished, id }) => {
    const took = started && finished ? showDuration(finished.getTime() - started.getTime()) : '-'
    return [short(name, style), state, took, showAge(finished, now), id]
  })
  return [['NAME', 'STATE', 'TOOK', 'ENDED', 'ID'], ...rows]
}

function short(name: string, { unicode }: Style): string {
  return clipTo(name, NAME, unicode ? '…' : '>')
}
