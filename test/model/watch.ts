import { ENDED } from '../../src/client/index.ts'
import type { WorkflowStateName } from '../../src/protocol/index.ts'
import type { Db } from '../../src/server/store/sqlite/db.ts'
import { type Crew, textOf } from './crew.ts'
import type { Desk, Subject } from './desk.ts'

interface Row {
  name: string
  version: number
  state: WorkflowStateName
  attempt: number
}

interface Chunk {
  lease: string
  first: number
  last: number
  text: string | null
}

type Seen = Row & Pick<Subject, 'requeues' | 'requeuing'>

/** Looks at what is on disk, and finds whatever must not be. */
export class Watch {
  readonly #crew: Crew
  readonly #desk: Desk
  readonly #fault: (what: string) => void
  readonly #seen = new Map<string, Seen>()

  constructor(crew: Crew, desk: Desk, fault: (what: string) => void) {
    this.#crew = crew
    this.#desk = desk
    this.#fault = fault
  }

  look(db: Db): void {
    this.#owners(db)
    for (const row of db.all<Row>('SELECT name, version, state, attempt FROM workflow')) this.#workflow(row)
    this.#logs(db.all<Chunk>('SELECT lease, first, last, text FROM log ORDER BY ord'))
  }

  #owners(db: Db): void {
    const shared = "SELECT count(*) AS count FROM attempt WHERE state <> 'closed' GROUP BY workflow HAVING count(*) > 1"
    if (db.all(shared).length > 0) this.#fault('a workflow has two owners')
    const names = 'SELECT name FROM workflow GROUP BY name HAVING count(*) > 1'
    for (const { name } of db.all<{ name: string }>(names)) this.#fault(`${name} was submitted twice`)
  }

  #workflow(row: Row): void {
    const subject = this.#desk.subjects.find(({ name }) => name === row.name)
    if (subject === undefined) {
      this.#fault(`nobody has submitted ${row.name}`)
      return
    }
    const { requeues, requeuing, canceled } = subject
    const before = this.#seen.get(row.name)
    this.#seen.set(row.name, { ...row, requeues, requeuing })
    if (canceled && ENDED.has(row.state) && row.state !== 'canceled')
      this.#fault(`${row.name} was canceled: ${row.state}`)
    if (before === undefined) return
    const changed = before.state !== row.state
    if (row.version < before.version || row.attempt < before.attempt || (changed && row.version === before.version)) {
      this.#fault(`${row.name} went back from ${JSON.stringify(before)} to ${JSON.stringify(row)}`)
    }
    const mayReturn = before.requeuing > 0 || requeues > before.requeues
    if (changed && ENDED.has(before.state) && !mayReturn) this.#fault(`${row.name} was ${before.state}: ${row.state}`)
  }

  /** Of each attempt the lines that were written, from the first one on, without a hole that is not named. */
  #logs(chunks: readonly Chunk[]): void {
    const upto = new Map<string, number>()
    for (const { lease, first, last, text } of chunks) {
      const work = this.#crew.works.find(({ job }) => job.offer.lease === lease)
      if (work === undefined) {
        this.#fault('lines of an attempt that nobody runs')
        continue
      }
      if (first !== (upto.get(lease) ?? 0) + 1) this.#fault(`${work.name}: after ${upto.get(lease)} comes ${first}`)
      upto.set(lease, last)
      if (last > work.lines) this.#fault(`${work.name}: ${last} of ${work.lines} lines`)
      const { attempt } = work.job.offer
      const written = Array.from({ length: last - first + 1 }, (_, at) => `${textOf(first + at, attempt)}\n`)
      if (text !== null && text !== written.join(''))
        this.#fault(`${work.name}: lines ${first}…${last} are not its own`)
    }
  }
}
