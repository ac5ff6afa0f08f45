import { describe, test } from 'vitest'
import { dieAsAgent } from '../support/crash/agent-life.ts'
import { dieEverywhere } from '../support/crash/server-life.ts'

const seeds = Array.from({ length: 200 }, (_, at) => at + 1)

describe.concurrent('a server that is killed at every crash point', { timeout: 1_800_000 }, () => {
  test.each(seeds)('loses nothing that it acknowledged and does nothing twice (seed %i)', dieEverywhere)
})

describe.concurrent('an agent that is killed at every crash point', { timeout: 1_800_000 }, () => {
  test.each(seeds)('delivers what it finished, and runs no attempt twice (seed %i)', dieAsAgent)
})
