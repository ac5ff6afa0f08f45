import { describe, expect, test } from 'vitest'
import { herdReturns } from '../support/herd-returns.ts'

/** Never more upgrades than this in any second, by the server's own clock. */
const MOST = 250
/** All are back within this, of a server that listens again. */
const BACK_MS = 30_000
/** What a busy machine may add. */
const BUSY_MS = 30_000

describe('2,000 agents and 500 who watch are back, and nothing is started again, after a server', {
  timeout: 600_000,
}, () => {
  test.each([
    { signal: 'SIGTERM', awayMs: 0, how: 'was drained' },
    { signal: 'SIGTERM', awayMs: 10_000, how: 'was drained and away for ten seconds' },
    { signal: 'SIGKILL', awayMs: 0, how: 'was killed' },
    { signal: 'SIGKILL', awayMs: 10_000, how: 'was killed and away for ten seconds' },
  ] as const)('$how', async ({ signal, awayMs, how }) => {
    const numbers = await herdReturns({ agents: 2_000, tabs: 500, working: 40, signal, awayMs })
    console.log(`${how}: ${JSON.stringify(numbers)}`)
    expect(numbers.opened).toBeLessThanOrEqual(MOST)
    expect(numbers.slots).toBeLessThanOrEqual(MOST)
    expect(numbers.back.p99).toBeLessThanOrEqual(BACK_MS + BUSY_MS)
  })
})
