import { spawnSync } from 'node:child_process'
import { describe } from 'vitest'
import table from '../../scripts/tools.json' with { type: 'json' }

type ToolName = keyof typeof table

/** `describe` if the system tool is there; otherwise its tests are skipped, or in CI fail. */
export function needsTool(name: ToolName): typeof describe | typeof describe.skip {
  if (hasTool(name)) return describe
  if (['true', '1'].includes(process.env.CI ?? '')) {
    throw new Error(`${name} is missing; install it with: apt-get install ${table[name].packages.join(' ')}`)
  }
  return describe.skip
}

function hasTool(name: ToolName): boolean {
  const [command = name, ...args] = table[name].probe
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
