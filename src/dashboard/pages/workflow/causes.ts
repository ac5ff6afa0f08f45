import type { Reason } from '../../model/explained.ts'

/** One reason, and all agents that have it. */
export interface Cause {
  readonly code: Reason['code']
  readonly message: string
  /** Empty: it is no agent's. */
  readonly agents: readonly string[]
}

/** What holds it before any agent is asked comes first, then the agents that come nearest to having it. */
const ORDER: readonly Reason['code'][] = [
  'paused',
  'dependency',
  'concurrency',
  'priority',
  'capacity',
  'excluded',
  'unschedulable',
  'draining',
  'offline',
  'required_label',
  'labels',
]

export function causesOf(reasons: readonly Reason[]): Cause[] {
  const causes = new Map<string, { code: Reason['code']; message: string; agents: string[] }>()
  for (const { code, message, agent } of reasons) {
    const key = `${agent === undefined} ${code} ${message}`
    const cause = causes.get(key) ?? { code, message, agents: [] }
    causes.set(key, cause)
    if (agent !== undefined) cause.agents.push(agent)
  }
  return [...causes.values()].sort((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code))
}
