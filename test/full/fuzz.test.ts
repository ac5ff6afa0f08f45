import { describe, test } from 'vitest'
import { fuzzed } from '../hazards/support/fuzzed.ts'
import { STATES } from '../hazards/support/states.ts'

describe('case 11: 100,000 fuzzed frames in all,', { timeout: 1_200_000 }, () => {
  test.each(STATES)('%s: nothing throws, no frame takes long, answers are short', (state) => fuzzed(state, 1))
})
