import { readFile, rename } from 'node:fs/promises'
import { isCode, writeWhole } from '../../host/index.ts'
import type { SessionStore } from '../store/store.ts'
import { newToken, tokenHash } from '../tokens.ts'

/**
 * Makes the one admin credential at the first start. The file comes first: a crash in between leaves a file whose token
 * the next start takes up, never a credential whose token nobody has.
 */
export async function ensureAdmin(store: SessionStore, file: string, given: string | undefined): Promise<void> {
  if ((await store.namedCredential('admin', 'admin')) !== null) return
  const token = given ?? (await readToken(file)) ?? newToken()
  await writeWhole(`${file}.new`, `${token}\n`)
  await rename(`${file}.new`, file)
  await store.createCredential({ role: 'admin', name: 'admin', labels: {}, tokenHash: tokenHash(token) })
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
