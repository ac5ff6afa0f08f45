import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LEAKS_FILE } from './leaks.ts'

/** Around all tests: a secret in anything that a program printed in one of them fails the run. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'drumline-leaks-'))
  const file = join(folder, 'leaks')
  writeFileSync(file, '')
  process.env[LEAKS_FILE] = file
  return () => {
    const leaks = readFileSync(file, 'utf8')
    rmSync(folder, { recursive: true })
    if (leaks === '') return
    console.error(`not good: secrets in what was printed\n${leaks}`)
    // An error thrown here would be told, and the run be green.
    process.exitCode = 1
  }
}
