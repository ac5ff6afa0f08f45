import { describe, expect, test } from 'vitest'
import { CRASH_POINTS } from '../../src/protocol/index.ts'
import { dieAsAgent } from '../support/crash/agent-life.ts'
import { dieAtShare, shareOf } from '../support/crash/server-life.ts'

const SEEDS = [1, 2, 3, 4, 5]

test('the seeds take every crash point of a server among them', () => {
  const points = Object.keys(CRASH_POINTS).filter((point) => !point.startsWith('agent.'))
  expect(SEEDS.flatMap(shareOf).sort()).toEqual(points.sort())
})

describe.concurrent('a server that is killed at one crash point after the other', { timeout: 600_000 }, () => {
  test.each(SEEDS)('loses nothing that it acknowledged and does nothing twice (seed %i)', dieAtShare)
})

describe.concurrent('an agent that is killed at one crash point after the other', { timeout: 600_000 }, () => {
  test.each(SEEDS.slice(0, 2))('delivers what it finished, and runs no attempt twice (seed %i)', dieAsAgent)
})
