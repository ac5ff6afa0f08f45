import { describe, expect, test } from 'vitest'
import { RandomLife } from './random-life.ts'
import { type OpenStore, World } from './world.ts'

const SEEDS = [1, 2, 3, 4, 5]

/** Rules that hold whatever agents, operators and time do. */
export function random(open: OpenStore): void {
  describe('whatever happens', () => {
    test.each(SEEDS)(
      'nothing fails, counts agree, groups keep their limit, and all comes to rest (seed %i)',
      async (seed) => {
        const world = await World.open(open, { keepMs: 10 * 60_000 })
        try {
          const life = new RandomLife(world, seed)
          await life.live(300)
          expect(life.faults).toEqual([])
          expect(await life.comeToRest()).toMatchObject({ offered: 0, running: 0 })
          await world.reopen()
          expect(await life.comeToRest()).toMatchObject({ offered: 0, running: 0 })
        } finally {
          await world.close()
        }
      },
    )
  })
}
