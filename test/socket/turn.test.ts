import { expect, test } from 'vitest'
import { wsPort } from '../../src/socket/port.ts'
import { waitUntil } from '../support/wait-until.ts'
import { joined } from './bare-bus.ts'

/** Larger than half of what one read brings, so that each read has one message or two. */
const MESSAGE = 'x'.repeat(60_000)
const WORK_MS = 2

function work(): void {
  const until = performance.now() + WORK_MS
  while (performance.now() < until);
}

test('case 7: one that sends as fast as it can is read for a short share of each turn, then others are', async () => {
  const { client, server } = await joined({ maxBytes: 100_000 })
  let turns = 0
  let looking = true
  const look = (): void => {
    turns += 1
    if (looking) setImmediate(look)
  }
  look()
  const came: number[] = []
  wsPort(server).onText(() => {
    work()
    came.push(turns)
  })
  for (let at = 0; at < 60; at++) client.send(MESSAGE)
  await waitUntil(() => came.length === 60, { what: 'all of them', limitMs: 60_000 })
  looking = false
  const inOneTurn = Math.max(...came.map((turn) => came.filter((other) => other === turn).length))
  // Eight milliseconds of two each, and what the last read had brought besides.
  expect(inOneTurn).toBeLessThanOrEqual(7)
})
