import type { Violation } from '../evidence.ts'

/** What is there when nothing is to be done any more. */
export interface Rest {
  queue: { pending: number; waiting: number; offered: number; running: number }
  agents: { name: string; state: string; running: number }[]
  /** Leases that an agent's journal still holds, by agent. */
  journals: { agent: string; leases: string[] }[]
  /** Processes that none of the agents should have left, and folders of attempts. */
  left: string[]
  /** What each process said on stderr. */
  said: { who: string; text: string }[]
  /** Lines in the steps' files that no step writes. */
  rubbish: string[]
}

/** Traces of a program that did not know what happened to it. */
const TRACE = /^\s+at .+:\d+:\d+\)?$|"stack":"|unhandled|'a bug'|"a bug"/im

/** At rest nothing is held, nothing runs, nothing lies about, and nobody has complained like a broken program. */
export function checkRest({ queue, agents, journals, left, said, rubbish }: Rest): Violation[] {
  const violations: Violation[] = []
  const add = (rule: string, evidence: string) => violations.push({ rule, evidence })
  for (const [what, count] of Object.entries(queue)) if (count > 0) add('not at rest', `${count} ${what} in the queue`)
  for (const { name, state, running } of agents) {
    if (running > 0) add('not at rest', `${name} is said to hold ${running}`)
    if (state !== 'online') add('agent not back', `${name} is ${state}`)
  }
  for (const { agent, leases } of journals) if (leases.length > 0) add('journal not empty', `${agent}: ${leases}`)
  for (const what of left) add('left behind', what)
  for (const { who, text } of said) {
    const [trace] = text.split('\n').filter((line) => TRACE.test(line))
    if (trace !== undefined) add('stack trace', `${who}: ${trace.slice(0, 600)}`)
  }
  for (const line of rubbish) add('strange record', line)
  return violations
}
