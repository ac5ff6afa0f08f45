import { randomBytes } from 'node:crypto'
import { nanoid } from 'nanoid'
import { type AgentInfo, CLOSE, CloseError, VERSIONS } from '../../protocol/index.ts'
import type { Core } from '../core.ts'
import { greet } from '../handshake.ts'
import { ITSELF } from '../store/audit.ts'
import type { Credential } from '../store/store.ts'
import { tokenHash } from '../tokens.ts'
import { LocalPeer } from './local-peer.ts'

export { LocalPeer } from './local-peer.ts'

/** Names the credential of agents in this process; its token was never known to anybody. */
const NAME = 'in this process'

/** Lets an agent in that lives in the server's own process. Rejects with `CloseError` where a socket would be closed. */
export async function openPeer(core: Core, info: AgentInfo): Promise<LocalPeer> {
  const credential = await localCredential(core)
  const greeting = await greet(
    core,
    { credential, login: null, address: '' },
    {
      type: 'hello',
      versions: [...VERSIONS],
      features: [],
      boot: nanoid(),
      dial: 1,
      agent: info,
      claims: [],
    },
  )
  if (!greeting.admitted) throw new CloseError(greeting.code, greeting.reason)
  if (greeting.seat === null) throw new Error('an agent was greeted as none')
  const peer = new LocalPeer(core, credential, greeting.seat)
  const loser = core.ends.admit(peer)
  loser?.dismiss(CLOSE.alreadyConnected, 'another peer of this name was opened')
  core.intents.push(greeting.intents)
  return peer
}

async function localCredential({ store }: Core): Promise<Credential> {
  const known = await store.namedCredential('agent', NAME)
  const ask = { role: 'agent' as const, name: NAME, labels: {} }
  return known ?? store.as(ITSELF).createCredential({ ...ask, tokenHash: tokenHash(randomBytes(32).toString('hex')) })
}
