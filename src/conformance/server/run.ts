import { newId } from '../../protocol/index.ts'
import { busUrl, checkNetwork, DialError, type Network } from '../../socket/index.ts'
import { SERVER_RULES, type ServerRule } from '../rules.ts'
import { failed, passed, skipped, type Verdict } from '../verdict.ts'
import type { Wire } from '../wire.ts'
import { open } from './actor.ts'
import { CALLS } from './calls.ts'
import { HANDSHAKE } from './handshake.ts'
import { LINES } from './lines.ts'
import { LIVE } from './liveness.ts'
import { MESSAGES } from './messages.ts'
import { ORDERS } from './orders.ts'
import { type House, Play } from './play.ts'
import { RETURNS } from './returns.ts'
import { WORK } from './work.ts'

/** Cases at a time: most of them wait. */
const AT_ONCE = 6

/** One case each; that every frame fits is seen in all of them. */
const CASES: Readonly<Record<Exclude<ServerRule, 'frames'>, (play: Play) => Promise<string>>> = {
  ...HANDSHAKE,
  ...MESSAGES,
  ...CALLS,
  ...WORK,
  ...RETURNS,
  ...LINES,
  ...ORDERS,
  ...LIVE,
}

/** How to try a server. */
export interface ServerTrial {
  /** Where it is, as a person types it. */
  readonly url: string
  /** An admin's credential: it makes, and ends, two for the agents that are played. */
  readonly token: string
  /** Whom to trust, and through which proxy. */
  readonly network?: Network
  /** Only these rules; missing: all. */
  readonly only?: readonly string[]
  /** Told of each verdict as it falls. */
  readonly onVerdict?: (verdict: Verdict) => void
}

/** The server cannot be tried: it is not there, or the credential does not suffice. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/**
 * Plays good and hostile agents against a server. Rejects with `Unreachable`, or a `TypeError` for an address or a network
 * that is none. What it made there it clears away.
 */
export async function tryServer({ url, token, network = {}, only, onVerdict }: ServerTrial): Promise<Verdict[]> {
  const { house, close } = await enter(url, token, network)
  const names = (Object.keys(SERVER_RULES) as ServerRule[]).filter((name) => isWanted(SERVER_RULES[name].id, only))
  const verdicts = new Map<ServerRule, Verdict>()
  const broken: string[] = []
  const settle = (name: ServerRule, verdict: Verdict): void => {
    verdicts.set(name, verdict)
    onVerdict?.(verdict)
  }
  const waiting = names.filter((name): name is Exclude<ServerRule, 'frames'> => name !== 'frames')
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      settle(name, await tryRule(house, name, broken))
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } finally {
    await close()
  }
  if (names.includes('frames')) settle('frames', frameVerdict(verdicts.size, broken))
  return names.flatMap((name) => verdicts.get(name) ?? [])
}

function isWanted(id: string, only: readonly string[] | undefined): boolean {
  return only === undefined || only.length === 0 || only.includes(id)
}

async function tryRule(house: House, name: Exclude<ServerRule, 'frames'>, broken: string[]): Promise<Verdict> {
  const play = new Play(house)
  const rule = SERVER_RULES[name]
  try {
    return passed(rule, await CASES[name](play))
  } catch (error) {
    return failed(rule, error)
  } finally {
    broken.push(...play.broken())
    await play.clear().catch(() => {})
  }
}

function frameVerdict(cases: number, broken: readonly string[]): Verdict {
  const rule = SERVER_RULES.frames
  if (cases === 0) return skipped(rule, 'no other rule was tried')
  const [first] = broken
  return first === undefined ? passed(rule, `in ${cases} cases`) : failed(rule, new Error(first))
}

/** Shakes hands as the admin, and makes the credentials of the agents. */
async function enter(
  url: string,
  token: string,
  network: Network,
): Promise<{ house: House; close: () => Promise<void> }> {
  const address = busUrl(url)
  checkNetwork(address, network)
  const operator = await open(address, token, network).catch((error: unknown) => {
    throw new Unreachable(reasonOf(error))
  })
  operator.say({ type: 'hello', versions: [1], features: [], boot: newId(), dial: 1, claims: [] })
  try {
    await operator.hears('welcome')
    const made = [await tokenOf(operator), await tokenOf(operator)] as const
    const tokens = [made[0].token, made[1].token] as const
    const house: House = { url: address, network, operator, token, tokens, names: new Set() }
    const close = async (): Promise<void> => {
      await forget(house).catch(() => {})
      for (const { id } of made) await operator.ask('token.revoke', { id }, { key: newId() }).catch(() => {})
      operator.port.close(1000, 'done')
    }
    return { house, close }
  } catch (error) {
    operator.hangUp()
    throw new Unreachable(`the server does not let this credential make others: ${(error as Error).message}`)
  }
}

/** Removes every agent that was played. */
async function forget({ operator, names }: House): Promise<void> {
  for (let before: string | undefined; ; ) {
    const { agents, next } = await operator.call('agents', before === undefined ? {} : { before })
    for (const { id, name } of agents) {
      if (names.has(name)) await operator.ask('agent.remove', { id }, { key: newId() })
    }
    if (next === null) return
    before = next
  }
}

function tokenOf(operator: Wire): Promise<{ id: string; token: string }> {
  return operator.call('token.create', { role: 'agent', name: 'conformance' }, { key: newId() })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof DialError)) return String(error)
  const refused = error.drumline && (error.status === 401 || error.status === 403)
  return refused ? 'the server refuses this credential; it takes an admin’s' : error.message
}
