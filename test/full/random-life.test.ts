import { describe, test } from 'vitest'
import { randomLife } from '../support/random-life.ts'

const seeds = Array.from({ length: 50 }, (_, at) => at + 1)

describe('while servers and agents die at random', { timeout: 120_000 }, () => {
  test.each(seeds)('every workflow ends once per attempt with all its lines (seed %i)', randomLife)
})
