import { expect, test } from 'vitest'
import { controlBeforeLogs } from '../support/control-before-logs.ts'

test('with 8 MB of logs queued on a link of 1 MB/s, cancel, extend and done pass them, and all leases are kept', {
  timeout: 180_000,
}, async () => {
  const flags = ['--test-timings', '--lease', '5s']
  expect(await controlBeforeLogs({ bytes: 8_000_000, rounds: 1, each: 12, flags })).toHaveLength(1)
})
