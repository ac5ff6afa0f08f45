import { expect, test } from 'vitest'
import { KINDS } from '../soak/options.ts'
import { soak } from '../soak/soak.ts'

test('a soak of half a minute with all faults finds nothing', { timeout: 600_000 }, async () => {
  const stop = new AbortController().signal
  const outcome = await soak({ minutes: 0.5, seed: 1, kinds: KINDS, agents: 3, lease: 8, stop })
  expect(outcome.violations).toEqual([])
  // It has done something.
  expect(outcome.submitted).toBeGreaterThan(5)
  expect(outcome.faults.size).toBeGreaterThan(0)
})
