import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type Journal, openJournal } from '../../../src/agent/index.ts'
import type { Clock, Log } from '../../../src/protocol/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'drumline-journal-'))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A journal that is closed after the test, if not before. */
export async function opened(directory: string, { clock, log }: { clock?: Clock; log?: Log } = {}): Promise<Journal> {
  const journal = await openJournal({ directory, ...(clock && { clock }), ...(log && { log }) })
  cleanups.push(() => journal.close())
  return journal
}

/** A copy of a folder as it is now: what SIGKILL at this moment would leave to the next start. */
export function leftBy(directory: string): string {
  const path = join(folder(), 'left')
  cpSync(directory, path, { recursive: true, filter: (name) => !name.includes('.lock') })
  return path
}
