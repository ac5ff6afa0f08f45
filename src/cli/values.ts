import type { Flags, Raw, Values } from './flags.ts'
import { longName, twinOf } from './page.ts'
import type { World } from './world.ts'

export type Origin = 'flag' | 'environment' | 'default'

/** The values of a command's flags: as written (by long name), else from the environment, else the default. */
export function readFlags<F extends Flags>(
  command: string,
  flags: F,
  written: ReadonlyMap<string, Raw>,
  env: World['env'],
): { flags: Values<F>; from(name: keyof F & string): Origin } {
  const from = new Map<string, Origin>()
  const values: Record<string, unknown> = {}
  for (const [key, flag] of Object.entries(flags)) {
    const long = longName(flag)
    const twin = twinOf(command, flag)
    const given = written.get(long)
    const inherited = env[twin]
    if (given !== undefined) {
      from.set(key, 'flag')
      values[key] = flag.read(given, `--${long}`)
    } else if (inherited !== undefined && inherited !== '') {
      from.set(key, 'environment')
      values[key] = flag.read(flag.many ? inherited.split(',').filter((item) => item !== '') : inherited, twin)
    } else {
      from.set(key, 'default')
      values[key] = flag.fallback
    }
  }
  // Each value was made by its own flag's reader just above.
  return { flags: values as Values<F>, from: (key) => from.get(key) ?? 'default' }
}
