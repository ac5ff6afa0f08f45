import { type Style, styleOf } from './format.ts'
import type { World } from './world.ts'

/** Prints a value as JSON, or the text that `human` makes of it. */
export async function print(
  { world, flags }: { world: World; flags: { json: boolean } },
  value: unknown,
  human: (style: Style) => string,
): Promise<void> {
  const text = flags.json ? `${JSON.stringify(value)}\n` : human(styleOf(world.stdout, world.env))
  await world.stdout.write(text)
}
