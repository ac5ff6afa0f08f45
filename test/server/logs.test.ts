import { describe, expect, test } from 'vitest'
import { BusError, type FrameOf, LOGS } from '../../src/protocol/index.ts'
import { Credit } from '../../src/server/logs/credit.ts'
import { LogIntake } from '../../src/server/logs/intake.ts'
import { LogMemory } from '../../src/server/logs/memory.ts'
import type { LogAppend } from '../../src/server/store/store.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { openHouse } from './support/house.ts'

type Told = FrameOf<'stored'> | FrameOf<'credit'>
interface Write {
  append: LogAppend
  answer: (answer: { upto: number; hole: boolean }) => void
  fail: (error: Error) => void
}

/** An intake over a store that answers when the test says so. */
function openIntake(memory = new LogMemory()) {
  const clock = new FakeClock()
  const told: Told[] = []
  const writes: Write[] = []
  const broken: unknown[] = []
  const intake = new LogIntake({
    by: { agentId: 'a', connection: 1 },
    memory,
    clock,
    send: (frame) => void told.push(frame),
    broken: (error) => void broken.push(error),
    store: {
      appendLog: (_by, append) => new Promise((answer, fail) => void writes.push({ append, answer, fail })),
    },
  })
  const stored = () => told.filter((frame): frame is FrameOf<'stored'> => frame.type === 'stored')
  return { intake, clock, told, writes, broken, stored, memory }
}

function line(from: number, count = 1, text = 'x'): FrameOf<'log'> {
  return { type: 'log', lease: 'l', stepId: 's', from, text: `${text}\n`.repeat(count), runs: [[count, 0, 'out']] }
}

async function write({ writes }: { writes: Write[] }, upto: number, hole = false): Promise<void> {
  writes.shift()?.answer({ upto, hole })
  await settle()
}

describe('lines', () => {
  test('are judged as they come, without waiting for the disk, and told once they are on it', async () => {
    const house = openIntake()
    house.intake.log(line(1, 3))
    house.intake.log(line(4, 2))
    expect(house.writes.map(({ append }) => [append.from, append.to])).toEqual([
      [1, 3],
      [4, 5],
    ])
    expect(house.stored()).toEqual([])
    await write(house, 3)
    await write(house, 5)
    expect(house.stored().at(-1)).toEqual({ type: 'stored', lease: 'l', stepId: 's', upto: 5 })
  })

  test('after a hole are dropped, with one rewind however many come', async () => {
    const house = openIntake()
    house.intake.log(line(1, 2))
    house.intake.log(line(5))
    house.intake.log(line(6))
    house.intake.log(line(7))
    expect(house.stored()).toEqual([])
    await write(house, 2)
    expect(house.stored()).toEqual([
      { type: 'stored', lease: 'l', stepId: 's', upto: 2 },
      { type: 'stored', lease: 'l', stepId: 's', upto: 2, rewind: true },
    ])
    house.intake.log(line(3, 5))
    await write(house, 7)
    expect(house.stored().at(-1)).toMatchObject({ upto: 7 })
    expect(house.writes).toEqual([])
  })

  test('that were accepted before are not written again', async () => {
    const house = openIntake()
    house.intake.log(line(1, 4))
    await write(house, 4)
    house.intake.log(line(2, 2))
    expect(house.writes).toEqual([])
    expect(house.stored().at(-1)).toMatchObject({ upto: 4 })
  })

  test('may be given up with a gap, which raises what is stored', async () => {
    const house = openIntake()
    house.intake.log(line(1))
    await write(house, 1)
    house.intake.gap({ type: 'gap', lease: 'l', stepId: 's', from: 2, to: 9, reason: 'spool full' })
    expect(house.writes[0]?.append).toMatchObject({ from: 2, to: 9, lines: null, reason: 'spool full' })
    await write(house, 9)
    expect(house.stored().at(-1)).toMatchObject({ upto: 9 })
  })

  test('whose write failed are asked for again, after a moment', async () => {
    const house = openIntake()
    house.intake.log(line(1))
    await write(house, 1)
    house.intake.log(line(2))
    house.intake.log(line(3))
    const told = house.stored().length
    for (const { fail } of house.writes.splice(0)) fail(new BusError('unavailable', 'disk full'))
    await settle()
    expect(house.stored()).toHaveLength(told)
    await house.clock.advance(1_000)
    expect(house.stored().slice(told)).toEqual([{ type: 'stored', lease: 'l', stepId: 's', upto: 1, rewind: true }])
    house.intake.log(line(2, 2))
    await write(house, 3)
    expect(house.stored().at(-1)).toMatchObject({ upto: 3 })
  })

  test('whose very first write found no room are asked for again from where they began', async () => {
    const house = openIntake()
    house.intake.log(line(4))
    house.intake.log(line(5))
    for (const { fail } of house.writes.splice(0)) fail(new BusError('unavailable', 'the disk is full'))
    await settle()
    await house.clock.advance(1_000)
    expect(house.stored()).toEqual([{ type: 'stored', lease: 'l', stepId: 's', upto: 3, rewind: true }])
    expect(house.broken).toEqual([])
  })

  test('whose very first write failed for no known reason end the connection: a handshake tells where to go on', async () => {
    const house = openIntake()
    house.intake.log(line(1))
    house.writes.shift()?.fail(new BusError('internal', 'a bug'))
    await settle()
    expect(house.broken).toHaveLength(1)
  })

  test('of a lease that is not held are dropped without a word', async () => {
    const house = openIntake()
    house.intake.log(line(1))
    house.writes.shift()?.fail(new BusError('stale_lease', 'gone'))
    await settle()
    expect(house.stored()).toEqual([])
    expect(house.broken).toEqual([])
    expect(house.memory.used).toBe(0)
  })
})

describe('credit', () => {
  test('is cumulative, never lowered, and follows what was disposed of', async () => {
    const house = openIntake()
    const limits = [house.intake.credit.limit]
    for (let from = 1, sent = 0; from < 20_000; from += 100) {
      const frame = line(from, 100, 'y'.repeat(99))
      const cost = 100 * (100 + LOGS.lineCost)
      const limit = limits.at(-1) ?? 0
      expect(sent + cost).toBeLessThanOrEqual(limit)
      sent += cost
      house.intake.log(frame)
      await house.clock.advance(1)
      await write(house, from + 99)
      for (const { limit } of house.told
        .splice(0)
        .filter((told): told is FrameOf<'credit'> => told.type === 'credit')) {
        expect(limit).toBeGreaterThan(limits.at(-1) ?? 0)
        limits.push(limit)
      }
    }
    expect(limits.length).toBeGreaterThan(3)
    expect(house.memory.used).toBe(0)
  })

  test('stays within the least and the most, and shrinks to a line when memory is short', () => {
    const clock = new FakeClock()
    const memory = new LogMemory(1024 * 1024)
    const credit = new Credit({ memory, clock, grant: () => {} })
    expect(credit.limit).toBe(LOGS.windowMin)
    memory.take(900_000)
    const poor = new Credit({ memory, clock, grant: () => {} })
    expect(poor.limit).toBe(LOGS.lineBytes + 1 + LOGS.lineCost)
    memory.release(900_000)
    let sent = 0
    while (sent < 8 * LOGS.windowMax) {
      const cost = Math.min(40_000, credit.limit - sent)
      credit.take(cost)
      credit.dispose(cost)
      sent += cost
    }
    expect(credit.limit - sent).toBeLessThanOrEqual(LOGS.windowMax)
    expect(credit.limit - sent).toBeGreaterThan(LOGS.windowMax / 2)
  })

  test('follows the mean of a link, also when a stalled disk disposes of much at once', async () => {
    const clock = new FakeClock()
    let limit = 0
    const grant = (raised: number) => {
      limit = raised
    }
    const credit = new Credit({ memory: new LogMemory(), clock, grant })
    limit = credit.limit
    let [sent, disposed, widest] = [0, 0, 0]
    // A link of 1 MB/s; the disk stands still for 250 ms of each 500.
    for (let ms = 0; ms < 10_000; ms += 5) {
      await clock.advance(5)
      const cost = Math.min(5_000, limit - sent)
      credit.take(cost)
      sent += cost
      if (ms % 500 < 250) continue
      credit.dispose(sent - disposed)
      disposed = sent
      widest = Math.max(widest, limit - disposed)
    }
    expect(widest).toBeLessThan(128 * 1024)
  })

  test('left behind by more than a frame closes the connection 4502', async () => {
    const house = await openHouse((store) => ({ ...store, appendLog: () => new Promise(() => {}) }))
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease } = await house.running(agent)
    for (let at = 0; at < 10; at++) {
      const text = `${'z'.repeat(8_000)}\n`.repeat(2)
      agent.send({ type: 'log', lease, stepId: 's1', from: 1 + 2 * at, text, runs: [[2, 0, 'out']] })
    }
    expect(await agent.end()).toMatchObject({ code: 4502 })
  })
})
