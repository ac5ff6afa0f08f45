import type { AgentView, ResultOf, WorkflowDetail } from '../../protocol/index.ts'
import type { Entry } from './entry.ts'
import { explainMatch } from './matching.ts'
import type { Seats } from './seats.ts'
import type { Work } from './work.ts'

type Reason = ResultOf<'explain'>['reasons'][number]

/** What the answer is made from. `entry` is undefined for a workflow that waits for others. */
export interface Question {
  readonly workflow: WorkflowDetail
  readonly agents: readonly AgentView[]
  readonly entry: Entry | undefined
  readonly paused: boolean
  /** Monotonic milliseconds. */
  readonly now: number
  readonly work: Work
  readonly seats: Seats
}

/** An answer fits one message. */
const REASONS = 500

const ENDED: ReadonlySet<string> = new Set(['success', 'failure', 'canceled', 'skipped', 'error'])

export function explain(question: Question): Reason[] {
  const { workflow, agents } = question
  const state = question.entry?.state ?? workflow.state
  if (state !== 'waiting' && state !== 'pending') return []
  const own = [...ofDependencies(workflow), ...ofQueue(question)]
  if (agents.length === 0) return [...own, { code: 'offline', message: 'no agent is known' }]
  const each = agents.flatMap((agent) => ofAgent(question, agent) ?? [])
  const room = REASONS - own.length
  if (each.length <= room) return [...own, ...each]
  const more = each.length - room + 1
  return [
    ...own,
    ...each.slice(0, room - 1),
    { code: 'labels', message: `and ${more} more agents that cannot have it` },
  ]
}

function ofDependencies({ state, dependsOn }: WorkflowDetail): Reason[] {
  if (state !== 'waiting') return []
  return dependsOn
    .filter((dependency) => !ENDED.has(dependency.state))
    .map(({ id, name, state: its }) => ({ code: 'dependency', message: `waits for ${name} (${id}), which is ${its}` }))
}

/** What holds it before any agent is asked. */
function ofQueue({ entry, paused, now, work }: Question): Reason[] {
  const reasons: Reason[] = []
  if (paused) reasons.push({ code: 'paused', message: 'the queue is paused' })
  if (entry === undefined || entry.reserved) return reasons
  if (entry.group !== null && !entry.admitted) reasons.push(ofGroup(entry, entry.group, work))
  if (entry.hold !== null) {
    const seconds = Math.max(1, Math.ceil((entry.hold.until - now) / 1000))
    reasons.push({ code: 'concurrency', message: `its former attempt may still be running, for at most ${seconds} s` })
  }
  const first = entry.lane?.line.peek()
  if (first !== undefined && first !== entry) {
    reasons.push({ code: 'priority', message: `${first.id} with the same labels goes first` })
  }
  return reasons
}

function ofGroup(entry: Entry, group: string, work: Work): Reason {
  const { occupied, first } = work.groups.look(group)
  const full = `group ${group} has ${occupied} of ${entry.limit} running`
  const behind = first === undefined || first === entry ? '' : `, and ${first.id} goes first`
  return { code: 'concurrency', message: `${full}${behind}` }
}

/** Undefined: nothing stands between this agent and the workflow. */
function ofAgent(question: Question, agent: AgentView): Reason | undefined {
  const because = (code: Reason['code'], message: string): Reason => ({ agent: agent.name, code, message })
  const { workflow, entry, seats } = question
  const asks = seats.asking(agent.id)
  const mismatch = explainMatch(agent.labels, workflow.labels)
  if (mismatch !== undefined) return because(mismatch.code, mismatch.message)
  if (agent.state === 'offline') return because('offline', 'is offline')
  if (agent.state === 'draining') return because('draining', 'takes no new work and leaves')
  if (!agent.schedulable) return because('unschedulable', 'was made unschedulable')
  if (entry?.exclusions?.has(agent.id)) return because('excluded', 'declined it, or let its offer lapse, lately')
  if (seats.agent(agent.id)?.silent) return because('excluded', 'let an offer lapse and has not been heard of since')
  const runs = `runs ${agent.running} of ${agent.capacity}`
  if (agent.running >= agent.capacity) return because('capacity', runs)
  if (asks.length === 0) return because('capacity', `asks for no work right now (${runs})`)
  const misfits = asks.map((labels) => explainMatch(labels, workflow.labels))
  const [first] = misfits
  return first !== undefined && !misfits.includes(undefined)
    ? because(first.code, `as it asks: ${first.message}`)
    : undefined
}
