/** Tries the other end of the bus: plays good and hostile agents against a server, and a server against an agent. */
export { NoAgent, tryAgent } from './agent/run.ts'
export { AGENT_RULES, type Rule, SERVER_RULES } from './rules.ts'
export { tryServer, Unreachable } from './server/run.ts'
export type { Verdict } from './verdict.ts'
