import { afterAll, beforeAll } from 'vitest'
import { Stage } from './stage.ts'

/** One stage for all tests of a file, prepared before the first and left, with its checks, after the last. */
export function sharedStage(prepare: (stage: Stage) => Promise<unknown>): () => Stage {
  let stage: Stage | undefined
  const current = () => {
    if (stage === undefined) throw new Error('no stage outside of a test')
    return stage
  }
  beforeAll(async () => {
    stage = new Stage()
    await prepare(stage)
  }, 30_000)
  afterAll(async () => {
    try {
      await stage?.leave()
    } finally {
      await stage?.destroy()
    }
  }, 30_000)
  return current
}
