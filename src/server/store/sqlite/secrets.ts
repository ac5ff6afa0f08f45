import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Tx } from './tx.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * The values of a workflow's secrets, each enciphered under the workflow's own key, which is erased with them. A page of
 * the database may keep a copy of what a reorganisation moved elsewhere, out of reach of any later erasing: what is
 * found there is then worth nothing.
 */
export function keepSecrets(tx: Tx, workflow: number, secrets: ReadonlyMap<string, string>): void {
  if (secrets.size === 0) return
  const key = randomBytes(32)
  tx.db.run('INSERT INTO secret_key (workflow, key) VALUES (?, ?)', workflow, key.toString('base64'))
  for (const [name, value] of secrets) {
    tx.db.run('INSERT INTO secret (workflow, name, value) VALUES (?, ?, ?)', workflow, name, seal(key, value))
  }
}

export function secretsOf(tx: Tx, workflow: number): Record<string, string> {
  const row = tx.db.get<{ key: string }>('SELECT key FROM secret_key WHERE workflow = ?', workflow)
  // Erased when its workflow ended; none of them goes to anybody any more.
  if (row === undefined) return {}
  const key = Buffer.from(row.key, 'base64')
  const rows = tx.db.all<{ name: string; value: string }>('SELECT name, value FROM secret WHERE workflow = ?', workflow)
  return Object.fromEntries(rows.map(({ name, value }) => [name, unseal(key, value)]))
}

/** The engine takes what is erased here out of its write-ahead file too, with the next sweep. */
export function eraseSecrets(tx: Tx, workflow: number): void {
  if (tx.db.run('DELETE FROM secret_key WHERE workflow = ?', workflow) === 0) return
  tx.db.run('DELETE FROM secret WHERE workflow = ?', workflow)
  tx.memory.erased = true
}

function seal(key: Buffer, value: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce)
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

function unseal(key: Buffer, text: string): string {
  const bytes = Buffer.from(text, 'base64')
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
}
