import { expect, test } from 'vitest'
import { BusError, silentLog } from '../../src/protocol/index.ts'
import { Pruner } from '../../src/server/pruner.ts'
import { FakeClock } from '../support/fake-clock.ts'

test('what is due is removed piece by piece, with time for others in between, then looked for once a while', async () => {
  const clock = new FakeClock()
  const asked: number[] = []
  let left = 3
  const prune = async () => {
    asked.push(clock.monotonic())
    return { more: left-- > 0 }
  }
  const pruner = new Pruner({ store: { prune }, clock, log: silentLog, everyMs: 60_000 })
  pruner.start()
  await clock.advance(121_000)
  expect(asked).toEqual([60_000, 60_050, 60_100, 60_150, 120_150])
  await pruner.stop()
  expect(clock.pending).toBe(0)
})

test('a disk that is full is tried again after a while', async () => {
  const clock = new FakeClock()
  let asked = 0
  const prune = async () => {
    if (asked++ === 0) throw new BusError('unavailable', "the server's disk is full")
    return { more: false }
  }
  const pruner = new Pruner({ store: { prune }, clock, log: silentLog, everyMs: 60_000 })
  pruner.start()
  await clock.advance(120_000)
  expect(asked).toBe(2)
  await pruner.stop()
})
