import { describe, test } from 'vitest'
import { endDuringOutage, surviveOutage } from '../support/outage.ts'

const flags = ['--test-timings', '--lease', '40s']

// They wait more than they compute, so they may run side by side.
describe.concurrent('a workflow that runs while the server', { timeout: 90_000 }, () => {
  test('is stopped with SIGTERM and started again ends as attempt 1, once, with all its lines', () =>
    surviveOutage({ signal: 'SIGTERM', awayMs: 0, flags }))

  test('is killed with SIGKILL and started again ends as attempt 1, once, with all its lines', () =>
    surviveOutage({ signal: 'SIGKILL', awayMs: 0, flags }))

  test('is away for three seconds ends as attempt 1, once, with all its lines', () =>
    surviveOutage({ signal: 'SIGKILL', awayMs: 3_000, flags }))

  test('is away when the workflow ends is reported, with all its lines, when the server is back', () =>
    endDuringOutage(flags))
})
