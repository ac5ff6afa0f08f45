import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/stage.ts'

/** A change in the built program: in this file, this text, found once, becomes that. */
export type Patch = [file: string, text: string, becomes: string]

/** A copy of the built program with something broken in it, to see whether that is noticed. Remove it with `remove`. */
export function patchedCopy(patches: readonly Patch[]): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'drumline-patched-'))
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, name), join(root, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  for (const [file, text, becomes] of patches) {
    const path = join(root, 'dist', file)
    const [before = '', after, ...more] = readFileSync(path, 'utf8').split(text)
    if (after === undefined || more.length > 0) throw new Error(`${file} does not have ${text} once`)
    writeFileSync(path, before + becomes + after)
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}
