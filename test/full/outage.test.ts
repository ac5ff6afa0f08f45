import { describe, test } from 'vitest'
import { surviveOutage } from '../support/outage.ts'

// The defaults of a server: leases of five minutes, no test timings.
describe.concurrent('with default timings, a workflow that runs while the server', { timeout: 240_000 }, () => {
  test('is stopped with SIGTERM and started again ends as attempt 1, once', () =>
    surviveOutage({ signal: 'SIGTERM', awayMs: 0 }))

  test('is killed with SIGKILL and started again ends as attempt 1, once', () =>
    surviveOutage({ signal: 'SIGKILL', awayMs: 0 }))

  test('is away for 30 s ends as attempt 1, once', () => surviveOutage({ signal: 'SIGKILL', awayMs: 30_000 }))
})
