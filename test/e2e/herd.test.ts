import { expect, test } from 'vitest'
import { herdReturns } from '../support/herd-returns.ts'

// The full number, and other ways to go, are in test/full.
test('200 agents and 50 who watch come back apart from each other after a server was exchanged, and nothing is started again', {
  timeout: 300_000,
}, async () => {
  const { opened, slots } = await herdReturns({ agents: 200, tabs: 50, working: 10, signal: 'SIGTERM', awayMs: 0 })
  // Their slots are spread over five seconds.
  expect(slots).toBeLessThanOrEqual(60)
  expect(opened).toBeLessThanOrEqual(250)
})
