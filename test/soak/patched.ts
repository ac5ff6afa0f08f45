import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/stage.ts'

/** A change in the program: in this file of src, this text, found once, becomes that. */
export type Patch = [file: string, text: string, becomes: string]

/** A built copy of the program with something broken in it, to see whether that is noticed. Remove it with `remove`. */
export function patchedCopy(patches: readonly Patch[]): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'drumline-patched-'))
  for (const name of ['bin', 'dist', 'src', 'package.json'])
    cpSync(join(ROOT, name), join(root, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  for (const [file, text, becomes] of patches) {
    const path = join(root, 'src', file)
    const [before = '', after, ...more] = readFileSync(path, 'utf8').split(text)
    if (after === undefined || more.length > 0) throw new Error(`${file} does not have ${text} once`)
    writeFileSync(path, before + becomes + after)
  }
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'programs.mjs'), root])
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}
