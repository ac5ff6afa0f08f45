import { describe, test } from 'vitest'
import { randomLife } from '../support/random-life.ts'

describe.concurrent('while servers and agents die at random', { timeout: 300_000 }, () => {
  test.each([1, 2])('every workflow ends once per attempt with all its lines (seed %i)', randomLife)
})
