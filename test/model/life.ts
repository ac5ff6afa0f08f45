import fc from 'fast-check'
import { commands } from './commands.ts'
import { comeToRest } from './rest.ts'
import { World } from './world.ts'

/** Lives of a server, its agents and an operator, each found by fast-check, which prints how to have a failed one again. */
export async function manyLives(lives: { seed: number; numRuns: number; size: number }): Promise<void> {
  const { seed, numRuns, size } = lives
  const deeds = fc.commands(commands, { maxCommands: size, size: 'max' })
  const life = fc.asyncProperty(deeds, fc.scheduler(), async (some, scheduler) => {
    const world = await World.open(scheduler)
    try {
      await fc.asyncModelRun(() => ({ model: {}, real: world }), some)
      await comeToRest(world)
    } finally {
      await world.remove()
    }
  })
  // Shrinking takes longer than reading the deeds of one life.
  await fc.assert(life, { seed, numRuns, endOnFailure: true })
}
