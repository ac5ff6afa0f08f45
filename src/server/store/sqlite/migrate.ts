import { BusError } from '../../../protocol/index.ts'
import type { Db } from './db.ts'
import { MIGRATIONS } from './schema.ts'

/** Brings the database to this build's schema, one migration a transaction; a newer one is refused untouched. */
export function migrate(db: Db): void {
  const found = schemaOf(db)
  const known = MIGRATIONS.length
  if (found > known) {
    throw new BusError(
      'bad_request',
      `this database was written by a newer Drumline (schema ${found}, this build knows ${known})`,
    )
  }
  for (let number = found + 1; number <= known; number++) {
    db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[number - 1]}; PRAGMA user_version = ${number}; COMMIT`)
  }
}

function schemaOf(db: Db): number {
  return db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
}
