import {
  CLOSE,
  CloseError,
  FEATURES,
  type FrameOf,
  LIMITS_IN_FORCE,
  LIVENESS,
  MESSAGE,
  VERSIONS,
} from '../protocol/index.ts'
import type { Caller } from './caller.ts'
import type { Core } from './core.ts'
import { EXPIRED, REVOKED } from './revocations.ts'
import { Seat } from './seat.ts'
import type { HelloAnswer, HelloAsk, Intent } from './store/store.ts'

const NOT_AN_AGENTS = "this credential is not an agent's; `drumline token create --role agent` makes one"
const AN_AGENTS = 'this credential is for agents only'
const PAGE_LIMITS = { ...LIMITS_IN_FORCE, messageBytes: MESSAGE.browserBytes }
/** Another process may take the name while we probe: so often we look again. */
const PROBES = 3

export type Greeting =
  | { admitted: true; welcome: FrameOf<'welcome'>; seat: Seat | null; intents: Intent[] }
  /** `byeMs`: how long to stay away, where that is known. */
  | { admitted: false; byeMs?: number; code: number; reason: string }

/** Answers a hello. Rejects with `CloseError` for one that is no good; anything else is the store's trouble. */
export async function greet(core: Core, caller: Caller, hello: FrameOf<'hello'>): Promise<Greeting> {
  const { credential, login } = caller
  const version = VERSIONS.find((known) => hello.versions.includes(known))
  if (version === undefined) throw new CloseError(CLOSE.version, `this server speaks ${VERSIONS.join(', ')}`)
  const features = FEATURES.filter((feature) => hello.features.includes(feature))
  if (login !== null) await core.logins.enter(login.id, hello.ticket)
  const base = welcomeBase(core, caller, version, features)
  const visits = hello.visit === true && hello.agent === undefined
  if (credential.role !== 'agent' || visits) {
    if (hello.agent !== undefined) throw new CloseError(CLOSE.badCredential, NOT_AN_AGENTS)
    if (hello.claims.length > 0) throw new CloseError(CLOSE.violation, 'bad hello: only agents claim leases')
    return { admitted: true, welcome: { ...base, connection: 0, credit: 0, claims: [] }, seat: null, intents: [] }
  }
  if (hello.agent === undefined) throw new CloseError(CLOSE.badCredential, AN_AGENTS)
  const { agent, boot, dial, claims, replaces = [], keepaliveMs } = hello
  const from = caller.address === '' ? {} : { address: caller.address }
  const ask: HelloAsk = { credentialId: credential.id, agent, boot, dial, claims, replaces, keepaliveMs, ...from }
  const answer = await admit(core, ask)
  if (!answer.admitted) {
    if (answer.why === 'other_boot') await core.store.noteConflict(answer.agentId)
    return refusal(core, agent.name, answer)
  }
  const { agentId, name, connection } = answer
  warnOfLost(core, answer)
  // The store knows which labels the agent has by default; matching must see the same.
  const view = await core.store.getAgent(agentId)
  if (view === null) return { admitted: false, code: CLOSE.agentDeleted, reason: 'this agent was removed' }
  const seat = new Seat({ agentId, connection }, boot, view)
  core.dispatcher.note(view)
  if (view.state === 'draining' && answer.claims.length > 0) core.leavers.set(agentId, true)
  const welcome = { ...base, connection, agent: { id: agentId, name }, credit: 0, claims: answer.claims }
  return { admitted: true, welcome, seat, intents: answer.intents }
}

/** An agent that holds more than we know of: it was given up meanwhile, or the store has gone back in time. */
function warnOfLost({ log }: Core, { agentId, name, claims }: HelloAnswer & { admitted: true }): void {
  const leases = claims.filter(({ verdict }) => verdict === 'lost').map(({ lease }) => lease)
  if (leases.length === 0) return
  log.warn({ agentId, name, leases }, 'an agent claims leases that are given up, or unknown here (an older backup?)')
}

function welcomeBase(core: Core, { login }: Caller, version: number, features: string[]) {
  const { id, version: build } = core.server
  return {
    type: 'welcome' as const,
    version,
    features,
    server: { id, version: build },
    limits: login === null ? LIMITS_IN_FORCE : PAGE_LIMITS,
    heartbeat: { intervalMs: core.timings.pingMs, timeoutMs: LIVENESS.agentMs },
  }
}

/** Asks the store, and where another process holds the name, finds out whether that one is still there. */
async function admit(core: Core, ask: HelloAsk): Promise<HelloAnswer> {
  let answer = await core.store.hello(ask)
  for (let probe = 0; probe < PROBES; probe++) {
    if (answer.admitted || answer.why !== 'other_boot') return answer
    const held = core.ends.of(answer.agentId)
    if (held !== undefined && held.boot === answer.boot && (await held.probe(core.timings.probeMs))) return answer
    answer = await core.store.hello({ ...ask, admitOver: answer.boot })
  }
  return answer
}

function refusal(core: Core, name: string, answer: HelloAnswer & { admitted: false }): Greeting {
  switch (answer.why) {
    case 'other_boot': {
      core.log.warn({ agentId: answer.agentId, name }, 'two processes use one agent name and credential')
      const reason = 'another process with this name and credential is connected; give each its own --name'
      return { admitted: false, byeMs: core.timings.takenMs, code: CLOSE.alreadyConnected, reason }
    }
    case 'replaced':
      return { admitted: false, code: CLOSE.superseded, reason: 'another process has replaced this one' }
    case 'revoked':
      return { admitted: false, ...REVOKED }
    case 'expired':
      return { admitted: false, ...EXPIRED }
    case 'old_dial':
      return { admitted: false, code: CLOSE.alreadyConnected, reason: 'a later connection of this process was seen' }
  }
}
