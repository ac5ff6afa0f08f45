import { describe, test } from 'vitest'
import { manyLives } from '../model/life.ts'

const seeds = Array.from({ length: 100 }, (_, at) => at + 1)

describe('whatever happens between a server, its agents and an operator', { timeout: 1_800_000 }, () => {
  test.each(seeds)('one owner, no line lost or twice, one answer each, nothing left over (seed %i)', (seed) =>
    manyLives({ seed, numRuns: 100, size: 60 }),
  )
})
