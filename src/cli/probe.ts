import process from 'node:process'
import { crashAt, noProbe, type Probe } from '../protocol/index.ts'
import { usage } from './errors.ts'
import type { World } from './world.ts'

const TWIN = 'DRUMLINE_TEST_CRASH'

/** Where the environment asks this process to die: `DRUMLINE_TEST_CRASH=name[:n]`. */
export function crashOf(world: World): string | undefined {
  probeOf(world)
  return world.env[TWIN] || undefined
}

/** The probe that the environment asks for: it ends this process there as SIGKILL would. */
export function probeOf({ env }: World, die: () => void = killed): Probe {
  const where = env[TWIN]
  if (where === undefined || where === '') return noProbe
  try {
    return crashAt(where, die)
  } catch (error) {
    throw usage(`${TWIN}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** No handler, no flush, no goodbye: it does not return. */
function killed(): void {
  process.kill(process.pid, 'SIGKILL')
}
