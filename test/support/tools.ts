import { spawnSync } from 'node:child_process'
import { describe } from 'vitest'
import table from '../../scripts/tools.json' with { type: 'json' }

type ToolName = keyof typeof table

/** `describe` if the system tool is there; otherwise its tests are skipped, or in CI fail. */
export function needsTool(name: ToolName): typeof describe | typeof describe.skip {
  return only(hasTool(name), `${name} is missing; install it with: apt-get install ${table[name].packages.join(' ')}`)
}

/** `describe` for root, who alone can have programs run as others; otherwise its tests are skipped, or in CI fail. */
export function needsRoot(): typeof describe | typeof describe.skip {
  return only(process.getuid?.() === 0, 'these tests run as root only')
}

function only(possible: boolean, why: string): typeof describe | typeof describe.skip {
  if (possible) return describe
  if (['true', '1'].includes(process.env.CI ?? '')) throw new Error(why)
  return describe.skip
}

function hasTool(name: ToolName): boolean {
  const [command = name, ...args] = table[name].probe
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
