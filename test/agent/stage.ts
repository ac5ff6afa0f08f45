import { afterEach } from 'vitest'
import {
  type AgentPeer,
  type ConnectOptions,
  connect,
  type Run,
  type RunningAgent,
  runAgent,
} from '../../src/agent/index.ts'
import type { AgentInfo, Log, Offer } from '../../src/protocol/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { BEGUN } from './offers.ts'

const leave: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of leave.splice(0)) await close()
})

export interface LogLine {
  level: 'info' | 'warn' | 'error'
  fields: object
  text: string
}

export interface Stage {
  clock: FakeClock
  server: ScriptedServer
  lines: LogLine[]
  options: ConnectOptions
}

/** A scripted server, a clock that stands still, and options of an agent that dials that server. */
export function stage(agent: Partial<AgentInfo> = {}): Stage {
  const clock = new FakeClock()
  const server = new ScriptedServer(clock)
  const lines: LogLine[] = []
  const say = (level: LogLine['level']) => (fields: object, text: string) => void lines.push({ level, fields, text })
  const log: Log = { info: say('info'), warn: say('warn'), error: say('error') }
  const options: ConnectOptions = {
    url: 'ws://server.test',
    token: 'dl_token',
    agent: { name: 'a', ...agent },
    clock,
    log,
    dial: server.dial,
    random: () => 0.5,
  }
  return { clock, server, lines, options }
}

/** A connected peer; closed after the test. */
export async function connected(on: Stage = stage()): Promise<Stage & { peer: AgentPeer }> {
  const peer = connect(on.options)
  leave.push(() => peer.close())
  await settle()
  return { ...on, peer }
}

/** A running agent; stopped after the test. */
export async function running(run: Run, on: Stage = stage()): Promise<Stage & { agent: RunningAgent }> {
  const agent = runAgent({ ...on.options, run })
  leave.push(() => agent.peer.close())
  await settle()
  return { ...on, agent }
}

/** Takes an offer and accepts it. */
export async function accept(peer: AgentPeer, server: ScriptedServer, work: Offer): Promise<Offer> {
  server.offer(work)
  const got = await peer.next()
  if (got === null) throw new Error('no offer came')
  await peer.init(got, BEGUN)
  return got
}

/** The connection is lost, and the wait before the next try passes. */
export async function reconnect({ server, clock }: Pick<Stage, 'server' | 'clock'>): Promise<void> {
  server.last.cut()
  await clock.advance(21_000)
}
