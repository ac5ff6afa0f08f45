import { expect } from 'vitest'
import { CLOSE, type FrameOf } from '../../../src/protocol/index.ts'
import { settle } from '../../support/fake-clock.ts'
import { Fuzz } from './fuzz.ts'
import type { FuzzPort } from './fuzz-port.ts'
import { bytesInUse } from './process.ts'
import { framesIn, Grounds, type State } from './states.ts'

/**
 * 100,000 in all, and the part of them that may end the connection: where each begins with a handshake that is written to
 * disk, there are fewer.
 */
const FRAMES: Record<State, { count: number; rude: number }> = {
  'before hello': { count: 10_000, rude: 0.5 },
  operator: { count: 30_000, rude: 0.3 },
  subscriber: { count: 20_000, rude: 0.3 },
  agent: { count: 15_000, rude: 0.04 },
  'agent with a lease': { count: 15_000, rude: 0.04 },
  draining: { count: 10_000, rude: 0.3 },
}
const WARM_UP = 500
const GROUP = 20
const SEED = 20_301
const FRAME_MS = 50
/** What a store, its caches and a compiler keep of all that. */
const GROWTH = 24 * 1024 * 1024
/** What a peer that breaks the protocol may be told; 1011 would be a bug of ours. */
const EARNED: readonly number[] = [
  CLOSE.violation,
  CLOSE.version,
  CLOSE.badCredential,
  CLOSE.tooBig,
  CLOSE.alreadyConnected,
  CLOSE.superseded,
  CLOSE.restart,
  CLOSE.agentDeleted,
]

/** Says this part of the 100,000 to a server, on connections in this state. */
export async function fuzzed(state: State, part: number): Promise<void> {
  const { count, rude } = FRAMES[state]
  const grounds = await Grounds.open()
  const fuzz = new Fuzz(SEED, rude)
  await said(grounds, state, fuzz, WARM_UP)
  const before = await bytesInUse()
  const slow = await said(grounds, state, fuzz, count * part - WARM_UP)
  expect((await bytesInUse()) - before).toBeLessThan(GROWTH)
  expect(grounds.bugs).toEqual([])
  for (const text of slow) expect(await medianMs(grounds, state, text), text.slice(0, 200)).toBeLessThan(FRAME_MS)
}

/** Says so many; answers those of the groups that took longer than one frame may. */
async function said(grounds: Grounds, state: State, fuzz: Fuzz, count: number): Promise<string[]> {
  const slow: string[] = []
  let port: FuzzPort | undefined
  for (let done = 0; done < count; ) {
    if (port === undefined || port.closed !== undefined) {
      fuzz.newConnection()
      port = await grounds.connect(state)
    }
    const group: string[] = []
    const from = process.cpuUsage()
    while (group.length < GROUP && done < count && port.closed === undefined) {
      const text = fuzz.next()
      group.push(text)
      port.say(text)
      done += 1
    }
    await settle()
    if (cpuMs(from) > FRAME_MS) slow.push(...group)
    judge(port)
    port.sent = []
  }
  port?.close(CLOSE.normal, '')
  await settle()
  return slow
}

function judge(port: FuzzPort): void {
  const errors = framesIn(port.sent).filter((frame): frame is FrameOf<'error'> => frame.type === 'error')
  for (const { error } of errors) {
    expect(error.message.length).toBeLessThanOrEqual(256)
    expect(error.code).not.toBe('internal')
  }
  if (port.closed === undefined) return
  expect(EARNED, JSON.stringify(port.closed)).toContain(port.closed.code)
  expect(Buffer.byteLength(port.closed.reason)).toBeLessThanOrEqual(123)
}

/** By itself, on a connection of its own: the median of three. */
async function medianMs(grounds: Grounds, state: State, text: string): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < 3; at++) {
    const port = await grounds.connect(state)
    const from = process.cpuUsage()
    port.say(text)
    await settle()
    times.push(cpuMs(from))
    port.close(CLOSE.normal, '')
    await settle()
  }
  return times.sort((a, b) => a - b)[1] ?? Number.NaN
}

function cpuMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1_000
}
