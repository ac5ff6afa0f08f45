/** The agent: `connect()` gives the contract over one socket, `runAgent()` the whole loop around your own work. */
export type { AgentPeer, ConnectOptions } from './agent-peer.ts'
export type { StateName } from './agent-state.ts'
export type { Dial } from './link.ts'
export * from './local/index.ts'
export { connect } from './peer.ts'
export type { Job, JobStep, Run, StepEnd, Stop } from './run.ts'
export { type RunAgentOptions, type RunningAgent, runAgent } from './run-agent.ts'
