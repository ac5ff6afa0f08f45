import { describe, test } from 'vitest'
import { manyLives } from './life.ts'

describe('whatever happens between a server, its agents and an operator', { timeout: 600_000 }, () => {
  test.each([1, 2, 3, 4, 5])('one owner, no line lost or twice, one answer each, nothing left over (seed %i)', (seed) =>
    manyLives({ seed, numRuns: 15, size: 60 }),
  )
})
