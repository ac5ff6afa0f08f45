import { join } from 'node:path'
import { expect } from 'vitest'
import { Db } from '../../../src/server/store/sqlite/db.ts'
import { waitUntil } from '../wait-until.ts'

/** Nothing of a workflow is left in them once it is gone. */
const TABLES = ['workflow', 'attempt', 'step', 'spec', 'dependency', 'log', 'dropped', 'secret', 'secret_key']

/** Waits until a server that runs has removed the last row of whatever there was. */
export async function expectEmpty(data: string): Promise<void> {
  await onDatabase(data, (db) =>
    waitUntil(() => TABLES.every((table) => rows(db, table) === 0), { limitMs: 120_000, what: 'tables without rows' }),
  )
}

/** The file is what SQLite calls whole. */
export function expectSound(data: string): Promise<void> {
  return onDatabase(data, async (db) => {
    expect(db.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(db.all('PRAGMA foreign_key_check')).toEqual([])
  })
}

async function onDatabase(data: string, look: (db: Db) => Promise<unknown>): Promise<void> {
  const db = new Db(join(data, 'drumline.db'))
  try {
    db.exec('PRAGMA busy_timeout = 10000')
    await look(db)
  } finally {
    db.close()
  }
}

function rows(db: Db, table: string): number | undefined {
  return db.get<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count
}
