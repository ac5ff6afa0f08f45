import { Stage } from './stage.ts'

/** Runs a test on a stage of its own, and takes it down whatever happens. */
export async function onStage(test: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage()
  try {
    await test(stage)
    await stage.leave()
  } catch (error) {
    if (error instanceof Error) error.message += `\n${stage.diary()}`
    throw error
  } finally {
    await stage.destroy()
  }
}
