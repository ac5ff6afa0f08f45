import { expect, test } from 'vitest'
import { BusError, type Log } from '../../src/protocol/index.ts'
import { Owed } from '../../src/server/owed.ts'
import type { SweepAnswer } from '../../src/server/store/store.ts'
import { Sweeper } from '../../src/server/sweeper.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'

const full = () => new BusError('unavailable', "the server's disk is full")

function diary() {
  const lines: string[] = []
  const note = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(fields)}`)
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error') }
  return { lines, log }
}

test('a store that cannot be written is said once, with the reason, and once that it can be again', async () => {
  const { lines, log } = diary()
  const clock = new FakeClock()
  let isFull = false
  const sweep = async (): Promise<SweepAnswer> => {
    if (isFull) throw full()
    return { intents: [], lapsed: [], wasAway: false }
  }
  const options = { store: { sweep }, clock, log, everyMs: 1_000, swept: () => {}, failed: () => {} }
  const sweeper = new Sweeper(options)
  await sweeper.start()
  expect(sweeper.trouble).toBeUndefined()
  isFull = true
  await clock.advance(60_000)
  expect(sweeper.trouble).toBe("the store cannot be written: the server's disk is full")
  isFull = false
  await clock.advance(60_000)
  expect(sweeper.trouble).toBeUndefined()
  expect(lines).toEqual([
    expect.stringMatching(/^error the store cannot be written; .* \{"why":"the server's disk is full"\}$/),
    'info the store can be written again {"seconds":60}',
  ])
  await sweeper.stop()
  expect(clock.pending).toBe(0)
})

test('what must be written is asked again while the disk is full, without a word, and once it is written no more', async () => {
  const { lines, log } = diary()
  const clock = new FakeClock()
  const owed = new Owed({ clock, log })
  let asked = 0
  owed.insist('noting a receipt', async () => {
    if (++asked < 4) throw full()
  })
  await clock.advance(60_000)
  expect([asked, lines]).toEqual([4, []])
  await owed.paid()
})

test('what must be written is tried a last time when the server ends; what was refused for another reason is not', async () => {
  const { lines, log } = diary()
  const clock = new FakeClock()
  const owed = new Owed({ clock, log })
  let asked = 0
  owed.insist('noting a receipt', async () => {
    asked++
    throw full()
  })
  owed.insist('telling of a bug', async () => {
    throw new BusError('internal', 'a bug')
  })
  await settle()
  await owed.paid()
  expect([asked, lines, clock.pending]).toEqual([2, [expect.stringContaining('telling of a bug failed')], 0])
})
