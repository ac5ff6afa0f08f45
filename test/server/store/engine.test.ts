import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Db } from '../../../src/server/store/sqlite/db.ts'
import { type Call, Engine } from '../../../src/server/store/sqlite/engine.ts'
import { openSqlite } from '../../../src/server/store/sqlite/index.ts'
import { MIGRATIONS } from '../../../src/server/store/sqlite/schema.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { refusal, specOf } from './contract/world.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-store-'))
  file = join(folder, 'test.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = () => new Engine({ file, leaseMs: 300_000, testTimings: false, keepMs: 86_400_000 })
let lastId = 0
const call = (op: Call['op'], ...args: unknown[]): Call => ({ id: ++lastId, op, args, now: 1_000 })
const submit = (id: string) => call('submit', [{ id, spec: specOf({ name: id }) }], {})

describe('a batch', () => {
  test('is answered call by call, in order', () => {
    const engine = open()
    const calls = [submit('a'), call('get', 'a'), call('get', 'b')]
    const { settled } = engine.run(calls)
    expect(settled.map(({ id }) => id)).toEqual(calls.map(({ id }) => id))
    expect(settled).toMatchObject([{ value: {} }, { value: { id: 'a' } }, { value: null }])
    engine.close()
  })

  test('with a call that fails unexpectedly harms no other', () => {
    const engine = open()
    // An id that is there already: the database refuses what no operation of the store expects.
    const { settled, changes } = engine.run([
      submit('a'),
      submit('b'),
      submit('a'),
      submit('c'),
      call('list', { limit: 9 }),
    ])
    expect(settled.map((answer) => ('error' in answer ? answer.error.code : 'good'))).toEqual([
      'good',
      'good',
      'internal',
      'good',
      'good',
    ])
    expect(settled[2]).toMatchObject({ error: { outcome: 'none' } })
    expect(settled[4]).toMatchObject({ value: { workflows: [{ id: 'c' }, { id: 'b' }, { id: 'a' }] } })
    expect(changes.filter(({ kind }) => kind === 'workflow')).toHaveLength(3)
    engine.close()
  })

  test('whose calls failed leaves counts and versions as the database has them', () => {
    const engine = open()
    engine.run([submit('a')])
    engine.run([call('queueInfo'), submit('b'), submit('a')])
    const { settled } = engine.run([call('queueInfo')])
    expect(settled).toMatchObject([{ value: { pending: 2 } }])
    engine.close()
  })

  test('that cannot be written answers each call as unavailable, and the next is written', () => {
    const engine = open()
    engine.run([submit('a')])
    const other = new Db(file)
    other.exec('BEGIN IMMEDIATE')
    const { settled, changes } = engine.run([submit('b'), call('get', 'a')])
    expect(settled).toMatchObject([
      { error: { code: 'unavailable', retry: 'later', outcome: 'none' } },
      { error: { code: 'unavailable' } },
    ])
    expect(changes).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    expect(engine.run([submit('b')]).settled).toMatchObject([{ value: {} }])
    engine.close()
  })
})

describe('a database', () => {
  test('of a newer schema is refused and left as it is', async () => {
    open().close()
    const db = new Db(file)
    const newer = MIGRATIONS.length + 1
    db.exec(`PRAGMA user_version = ${newer}`)
    db.close()
    const options = { clock: new FakeClock(), leaseMs: 300_000, testTimings: false }
    const known = MIGRATIONS.length
    for (const thread of [false, true]) {
      expect(await refusal(openSqlite(file, { ...options, thread }))).toMatchObject({
        code: 'bad_request',
        message: `this database was written by a newer Drumline (schema ${newer}, this build knows ${known})`,
      })
    }
  })
})
