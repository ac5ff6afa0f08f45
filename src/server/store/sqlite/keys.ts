import { BusError } from '../../../protocol/index.ts'
import type { Key } from '../store.ts'
import type { Tx } from './tx.ts'

interface Kept {
  hash: string
  result: string
  created: number
}

/** Runs an operator's mutation once per key: its repeat answers what was kept. Results are plain JSON. */
export function once<T>(tx: Tx, key: Key | undefined, run: () => T): { value: T; repeated: boolean } {
  if (key === undefined) return { value: run(), repeated: false }
  const { credentialId, method, key: name, paramsHash } = key
  const kept = tx.db.get<Kept>(
    'SELECT hash, result, created FROM mutation WHERE credential_id = ? AND method = ? AND key = ?',
    credentialId,
    method,
    name,
  )
  if (kept !== undefined && kept.created > tx.now - tx.timings.keyMs) {
    if (kept.hash !== paramsHash) throw new BusError('conflict', 'this key was used before with other parameters')
    tx.repeated = true
    return { value: JSON.parse(kept.result) as T, repeated: true }
  }
  const value = run()
  tx.db.run(
    'INSERT OR REPLACE INTO mutation (credential_id, method, key, hash, result, created) VALUES (?, ?, ?, ?, ?, ?)',
    credentialId,
    method,
    name,
    paramsHash,
    JSON.stringify(value),
    tx.now,
  )
  return { value, repeated: false }
}

/** A batch of what is too old to be asked again. */
export function forgetKeys(tx: Tx): void {
  tx.db.run(
    `DELETE FROM mutation WHERE (credential_id, method, key) IN (
       SELECT credential_id, method, key FROM mutation WHERE created <= ? ORDER BY created LIMIT 200)`,
    tx.now - tx.timings.keyMs,
  )
}
