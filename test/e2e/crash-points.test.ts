import { describe, test } from 'vitest'
import { dieAsAgent } from '../support/crash/agent-life.ts'
import { dieEverywhere } from '../support/crash/server-life.ts'

const SEEDS = [1, 2, 3, 4, 5]

describe.concurrent('a server that is killed at every crash point', { timeout: 600_000 }, () => {
  test.each(SEEDS)('loses nothing that it acknowledged and does nothing twice (seed %i)', dieEverywhere)
})

describe.concurrent('an agent that is killed at every crash point', { timeout: 600_000 }, () => {
  test.each(SEEDS.slice(0, 2))('delivers what it finished, and runs no attempt twice (seed %i)', dieAsAgent)
})
