import type { AgentView, ResultOf, WorkflowDetail } from '../../protocol/index.ts'
import { groupName, isScoped, type Scope, sees } from '../scope.ts'
import type { Entry } from './entry.ts'
import { explainMatch, matchLabels } from './matching.ts'
import type { Seats } from './seats.ts'
import type { Work } from './work.ts'

type Reason = ResultOf<'explain'>['reasons'][number]

/** What the answer is made from. `entry` is undefined for a workflow that waits for others. */
export interface Question {
  readonly workflow: WorkflowDetail
  readonly agents: readonly AgentView[]
  /** Of whoever asks: what is beyond it is told of without a name. */
  readonly scope: Scope
  readonly entry: Entry | undefined
  readonly paused: boolean
  /** Monotonic milliseconds. */
  readonly now: number
  readonly work: Work
  readonly seats: Seats
}

/** An answer fits one message. */
const REASONS = 500

/** What agents do that are not to be named. */
const SHARED: Readonly<Partial<Record<Reason['code'], string>>> = {
  offline: 'are offline',
  draining: 'take no new work and leave',
  unschedulable: 'were made unschedulable',
  excluded: 'did not take it, lately',
  capacity: 'have no room',
  labels: 'ask for other work',
  required_label: 'ask for other work',
}

const ENDED: ReadonlySet<string> = new Set(['success', 'failure', 'canceled', 'skipped', 'error'])

export function explain(question: Question): Reason[] {
  const { workflow, agents } = question
  const state = question.entry?.state ?? workflow.state
  if (state !== 'waiting' && state !== 'pending') return []
  const own = [...ofDependencies(question), ...ofQueue(question)]
  const seen = agents.filter(({ labels }) => sees(question.scope, labels))
  const shared = agents.filter(
    ({ labels }) => !sees(question.scope, labels) && matchLabels(labels, workflow.labels).match,
  )
  if (seen.length === 0 && shared.length === 0) return [...own, { code: 'offline', message: 'no agent is known' }]
  const each = [...seen.flatMap((agent) => ofAgent(question, agent) ?? []), ...ofShared(question, shared)]
  const room = REASONS - own.length
  if (each.length <= room) return [...own, ...each]
  const more = each.length - room + 1
  return [
    ...own,
    ...each.slice(0, room - 1),
    { code: 'labels', message: `and ${more} more agents that cannot have it` },
  ]
}

function ofDependencies({ workflow: { state, dependsOn }, scope }: Question): Reason[] {
  if (state !== 'waiting') return []
  const open = dependsOn.filter((dependency) => !ENDED.has(dependency.state))
  if (open.length === 0 && isScoped(scope))
    return [{ code: 'dependency', message: 'waits for a workflow beyond your scope' }]
  return open.map(({ id, name, state: its }) => ({
    code: 'dependency',
    message: `waits for ${name} (${id}), which is ${its}`,
  }))
}

/** What holds it before any agent is asked. */
function ofQueue({ entry, paused, now, work, scope }: Question): Reason[] {
  const reasons: Reason[] = []
  if (paused) reasons.push({ code: 'paused', message: 'the queue is paused' })
  if (entry === undefined || entry.reserved) return reasons
  if (entry.group !== null && !entry.admitted) reasons.push(ofGroup(entry, entry.group, { work, scope }))
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

/** A group that an admin shares between scopes: who else is in it is nobody's business. */
function ofGroup(entry: Entry, group: string, { work, scope }: Pick<Question, 'work' | 'scope'>): Reason {
  const name = groupName(group)
  if (isScoped(scope) && group === name) return { code: 'concurrency', message: `group ${name} is full` }
  const { occupied, first } = work.groups.look(group)
  const full = `group ${name} has ${occupied} of ${entry.limit} running`
  const isTold = first !== undefined && first !== entry && sees(scope, first.set.labels)
  return { code: 'concurrency', message: isTold ? `${full}, and ${first.id} goes first` : full }
}

/** Why none of the agents beyond the scope, which suit, has it: each reason once, and not of how many. */
function ofShared(question: Question, agents: readonly AgentView[]): Reason[] {
  const reasons = agents.map((agent) => ofAgent(question, agent))
  if (reasons.includes(undefined)) return []
  const codes = new Set(reasons.flatMap((reason) => reason?.code ?? []))
  return [...codes].map((code) => ({ code, message: `agents that you share with others ${SHARED[code]}` }))
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
