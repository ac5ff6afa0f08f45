import { describe, test } from 'vitest'
import { fuzzed } from './support/fuzzed.ts'
import { STATES } from './support/states.ts'

/** All 100,000 are said in test/full. */
const PART = 0.1

describe('case 11: fuzzed frames', { timeout: 300_000 }, () => {
  test.each(STATES)('%s: nothing throws, no frame takes long, answers are short', (state) => fuzzed(state, PART))
})
