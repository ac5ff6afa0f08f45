import Database from 'libsql'
import { BusError } from '../../../protocol/index.ts'

/** What SQLite holds. No booleans: the driver ends the process on one. */
export type Value = string | number | null

type Statement = Database.Statement<unknown[]>

/**
 * The driver with its statements kept. One statement serves one way of reading: the driver answers an old row when `get`
 * follows `all` on the same one.
 */
export class Db {
  readonly #driver: Database.Database
  readonly #runs = new Map<string, Statement>()
  readonly #gets = new Map<string, Statement>()
  readonly #alls = new Map<string, Statement>()
  /** Statements that changed something, ever: tells whether an operation had written before it failed. */
  writes = 0

  constructor(file: string) {
    this.#driver = opened(file)
  }

  get inTransaction(): boolean {
    return this.#driver.inTransaction
  }

  exec(sql: string): void {
    this.#driver.exec(sql)
  }

  /** Writes; answers how many rows. */
  run(sql: string, ...values: Value[]): number {
    const { changes } = this.#kept(this.#runs, sql).run(bound(values))
    if (changes > 0) this.writes++
    return changes
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#kept(this.#gets, sql).get(bound(values)) as Row | undefined
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#kept(this.#alls, sql).all(bound(values)) as Row[]
  }

  /** Writes at most one row and answers it, by RETURNING. */
  returning<Row>(sql: string, ...values: Value[]): Row | undefined {
    const row = this.get<Row>(sql, ...values)
    if (row !== undefined) this.writes++
    return row
  }

  close(): void {
    this.#driver.close()
  }

  #kept(kind: Map<string, Statement>, sql: string): Statement {
    const known = kind.get(sql)
    if (known !== undefined) return known
    const statement = this.#driver.prepare(sql)
    kind.set(sql, statement)
    return statement
  }
}

/** The driver reads a text only up to its first NUL: nothing that holds one may be written as it is. */
function bound(values: Value[]): Value[] {
  return values.some((value) => typeof value === 'string' && value.includes('\0'))
    ? values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value))
    : values
}

/** What the driver says of a folder that is missing or not ours reaches whoever starts the server. */
function opened(file: string): Database.Database {
  try {
    return new Database(file)
  } catch (error) {
    throw new BusError(
      'unavailable',
      `cannot open the database ${file}: ${error instanceof Error ? error.message : error}`,
    )
  }
}
