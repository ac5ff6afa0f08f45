import type { AgentInfo, CallOptions, Clock, Log, Peer, Probe } from '../protocol/index.ts'
import type { Network } from '../socket/index.ts'
import type { StateName } from './agent-state.ts'
import type { Guardian } from './guardian/guardian.ts'
import type { Journal } from './journal/journal.ts'
import type { Dial } from './link.ts'
import type { SpoolRoom } from './logs/shelf.ts'

/** Whom an agent dials, and what it says of itself. */
export interface ConnectOptions {
  /** Of the server: `https://ci.example.com`, `ws://127.0.0.1:7800` … with `/bus` implied. */
  url: string
  /** An agent's token, or where to get it for each connection: one that was replaced is then taken up without a new start. */
  token: string | (() => Promise<string>)
  /** Whom to trust, and through which proxy. Default: Node's and the machine's roots, and none. */
  network?: Network
  /** What is left out has a default: name and labels from this machine, capacity 1, backend `local`. */
  agent: Partial<AgentInfo>
  /** Default: the machine's own. */
  clock?: Clock
  /** Default: says nothing. */
  log?: Log
  /** From `openJournal`: what this agent must not forget when it is killed. Serves one connection. */
  journal?: Journal
  /** Default: 16 MiB of memory, then a file of 256 MiB. */
  spool?: SpoolRoom
  /** Default: a WebSocket. */
  dial?: Dial
  /** In [0, 1), for waits that must not coincide. Default `Math.random`. */
  random?: () => number
  /** @internal To be told how long each lease lasts. */
  guardian?: Guardian
  /** @internal For tests that end the process at a certain place. */
  probe?: Probe
}

/** The contract over a connection that comes and goes. */
export interface AgentPeer extends Peer {
  /** `waiting`: between two tries. `draining`: saying goodbye. `stopped`: for good. */
  readonly state: StateName
  /** What this agent says of itself. */
  readonly info: AgentInfo
  /** Resolves when there is a connection. Rejects once the peer is closed (`BusError`) or refused (`CloseError`). */
  ready(): Promise<void>
  /**
   * Resolves once nothing is owed to the server: each result answered, each line on its disk. Aborted: resolves at once.
   * Rejects like `ready`.
   */
  delivered(options?: CallOptions): Promise<void>
  /** Leaves for good: what is queued is sent, work that still runs loses its lease. Resolves when nothing is left of it. */
  close(): Promise<void>
  /** Calls back on each change of `state`. The answer ends it. */
  onState(listener: (state: StateName, error: Error | undefined) => void): () => void
}
