import Database from 'libsql'
import { BusError } from '../../../protocol/index.ts'

/** What SQLite holds. No booleans: the driver ends the process on one. */
export type Value = string | number | null

type Statement = Database.Statement<unknown[]>

interface Reader {
  statement: Statement
  /** Of its columns, in order. */
  names: readonly string[]
}

/**
 * The driver with its statements kept. One statement serves one way of reading: the driver answers an old row when `get`
 * follows `all` on the same one. Rows are read as lists of values and named here: half the time of the driver's objects.
 */
export class Db {
  readonly #driver: Database.Database
  readonly #runs = new Map<string, Statement>()
  readonly #gets = new Map<string, Reader>()
  readonly #alls = new Map<string, Reader>()
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
    let statement = this.#runs.get(sql)
    if (statement === undefined) {
      statement = this.#driver.prepare(sql)
      this.#runs.set(sql, statement)
    }
    const { changes } = statement.run(bound(values))
    if (changes > 0) this.writes++
    return changes
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    const { statement, names } = this.#reader(this.#gets, sql)
    const row = statement.get(bound(values)) as Value[] | undefined
    return row === undefined ? undefined : named<Row>(names, row)
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    const { statement, names } = this.#reader(this.#alls, sql)
    return (statement.all(bound(values)) as Value[][]).map((row) => named<Row>(names, row))
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

  #reader(kind: Map<string, Reader>, sql: string): Reader {
    const known = kind.get(sql)
    if (known !== undefined) return known
    const statement = this.#driver.prepare(sql)
    const reader = { statement: statement.raw(), names: statement.columns().map(({ name }) => name) }
    kind.set(sql, reader)
    return reader
  }
}

function named<Row>(names: readonly string[], values: readonly Value[]): Row {
  const row: Record<string, Value | undefined> = {}
  for (let at = 0; at < names.length; at++) row[names[at] ?? ''] = values[at]
  return row as Row
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
