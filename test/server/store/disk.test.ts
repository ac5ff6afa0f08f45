import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Db } from '../../../src/server/store/sqlite/db.ts'
import { type Call, Engine } from '../../../src/server/store/sqlite/engine.ts'
import { specOf } from './contract/world.ts'

const DAY = 86_400_000

let folder: string
let file: string
let now = 1_000
let lastId = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-disk-'))
  file = join(folder, 'test.db')
  now = 1_000
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (db?: Db) => new Engine({ file, leaseMs: 300_000, testTimings: false, keepMs: DAY }, db)

/** Asks one thing; answers its value, or the code of its error. */
function ask(engine: Engine, op: Call['op'], ...args: unknown[]): unknown {
  const [answer] = engine.run([{ id: ++lastId, op, args, now }]).settled
  if (answer === undefined) throw new Error('no answer')
  return 'error' in answer ? answer.error.code : answer.value
}

const submit = (engine: Engine, id: string, secrets: Record<string, string> = {}) =>
  ask(engine, 'submit', [{ id, spec: specOf({ name: id, secrets: Object.keys(secrets) }) }], secrets)

/** Whatever the store has on disk, in one text. */
const onDisk = (from = folder) =>
  readdirSync(from)
    .map((name) => readFileSync(join(from, name), 'latin1'))
    .join()

describe('a full disk', () => {
  /** Pages the database may have, beyond those it has. */
  const allow = (db: Db, more: number) => {
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0
    db.exec(`PRAGMA max_page_count = ${pages + more}`)
  }

  /** Submits until there is no room; answers what was acknowledged. */
  const fill = (engine: Engine): string[] => {
    const ids = Array.from({ length: 200 }, (_, count) => `w${count}`)
    return ids.filter((id) => submit(engine, id) !== 'unavailable')
  }

  test('takes nothing any more and says so, keeps what it has acknowledged and lets it be read', () => {
    const db = new Db(file)
    const engine = open(db)
    expect(ask(engine, 'createCredential', { role: 'viewer', name: 'v', labels: {}, tokenHash: 'h' })).toBeTypeOf(
      'object',
    )
    allow(db, 4)
    const acknowledged = fill(engine)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(acknowledged.length).toBeLessThan(200)
    expect(ask(engine, 'queueInfo')).toMatchObject({ pending: acknowledged.length })
    expect(ask(engine, 'list', { limit: 200 })).toMatchObject({
      workflows: acknowledged.toReversed().map((id) => ({ id })),
    })
    expect(ask(engine, 'findCredential', 'h')).toMatchObject({ role: 'viewer' })
    expect(ask(engine, 'get', 'nothing')).toBeNull()
    expect(ask(engine, 'setPaused', true)).toBe('unavailable')
    expect(ask(engine, 'queueInfo')).toMatchObject({ paused: false })
    engine.close()
  })

  test('lets be read what was asked along with the write that found it full', () => {
    const db = new Db(file)
    const engine = open(db)
    submit(engine, 'a')
    allow(db, 0)
    const calls = Array.from({ length: 50 }, (_, count): Call[] => [
      { id: ++lastId, op: 'submit', args: [[{ id: `w${count}`, spec: specOf({ name: 'w' }) }], {}], now },
      { id: ++lastId, op: 'get', args: ['a'], now },
    ]).flat()
    const { settled } = engine.run(calls)
    expect(settled.map((answer) => ('error' in answer ? answer.error.code : typeof answer.value))).toEqual(
      calls.map(({ op }) => (op === 'get' ? 'object' : 'unavailable')),
    )
    expect(ask(engine, 'queueInfo')).toMatchObject({ pending: 1 })
    engine.close()
  })

  test('is full until there is room for more than a short write, then takes everything again', () => {
    const db = new Db(file)
    const engine = open(db)
    allow(db, 4)
    const acknowledged = fill(engine)
    expect(ask(engine, 'sweep')).toBe('unavailable')
    allow(db, 32)
    expect(ask(engine, 'sweep')).toBe('unavailable')
    expect(submit(engine, 'small')).toBe('unavailable')
    allow(db, 10_000)
    // Only a sweep looks whether there is room.
    expect(submit(engine, 'early')).toBe('unavailable')
    expect(ask(engine, 'sweep')).toMatchObject({ lapsed: [] })
    expect(submit(engine, 'again')).toMatchObject({ workflows: [{ id: 'again' }] })
    expect(ask(engine, 'queueInfo')).toMatchObject({ pending: acknowledged.length + 1 })
    engine.close()
    const reopened = open()
    expect(ask(reopened, 'queueInfo')).toMatchObject({ pending: acknowledged.length + 1 })
    reopened.close()
  })
})

describe('the value of a secret', () => {
  const VALUE = 'a-very-secret-value'
  /** As they stand in the file. */
  const stored = () => {
    const db = new Db(file)
    const texts = db
      .all<{ text: string }>('SELECT key AS text FROM secret_key UNION ALL SELECT value FROM secret')
      .map(({ text }) => text)
    db.close()
    return texts
  }

  test('is on disk in the clear at no time, and comes back to who may have it', () => {
    const engine = open()
    const hello = { credentialId: 'c', boot: 'b', dial: 1, replaces: [], claims: [], agent: agentInfo() }
    const { agentId, connection } = ask(engine, 'hello', hello) as { agentId: string; connection: number }
    submit(engine, 'a', { TOKEN: VALUE, EMPTY: '', OTHER: 'ünï\0code' })
    expect(onDisk()).not.toContain(VALUE)
    const by = { agentId, connection }
    const { lease } = ask(engine, 'offer', 'a', by) as { lease: string }
    const state = { started: 1, finished: 0, error: '', canceled: false }
    const secrets = { TOKEN: VALUE, EMPTY: '', OTHER: 'ünï\0code' }
    expect(ask(engine, 'accept', by, lease, state)).toMatchObject({ secrets })
    engine.close()
    expect(onDisk()).not.toContain(VALUE)
  })

  test('is in no file once its workflow has ended, enciphered or not, nor is its key', () => {
    const engine = open()
    submit(engine, 'a', { TOKEN: VALUE })
    const texts = stored()
    expect(texts).toHaveLength(2)
    for (const text of texts) expect(onDisk()).toContain(text)
    ask(engine, 'requestCancel', ['a'], 'no more')
    ask(engine, 'sweep')
    for (const text of texts) expect(onDisk()).not.toContain(text)
    engine.close()
  })

  test('is erased by the next start if the server died before it could', () => {
    const engine = open()
    submit(engine, 'a', { TOKEN: VALUE })
    const texts = stored()
    ask(engine, 'requestCancel', ['a'], 'no more')
    const copy = mkdtempSync(join(tmpdir(), 'drumline-disk-'))
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
    cpSync(folder, copy, { recursive: true })
    engine.close()
    for (const text of texts) expect(onDisk(copy)).toContain(text)
    file = join(copy, 'test.db')
    const next = open()
    for (const text of texts) expect(onDisk(copy)).not.toContain(text)
    next.close()
  })
})

test('a file gives back to the disk most of what was deleted', () => {
  const engine = open()
  const hello = { credentialId: 'c', boot: 'b', dial: 1, replaces: [], claims: [], agent: agentInfo() }
  const { agentId, connection } = ask(engine, 'hello', hello) as { agentId: string; connection: number }
  const by = { agentId, connection }
  submit(engine, 'a')
  const { lease } = ask(engine, 'offer', 'a', by) as { lease: string }
  ask(engine, 'accept', by, lease, { started: 1, finished: 0, error: '', canceled: false })
  const text = `${'x'.repeat(16_000)}\n`
  const calls = Array.from({ length: 2_000 }, (_, at): Call => {
    const append = { lease, stepId: 's1', from: at + 1, to: at + 1, lines: { text, runs: [[1, 0, 'out']] } }
    return { id: ++lastId, op: 'appendLog', args: [by, append], now }
  })
  engine.run(calls)
  const result = { stepId: 's1', state: 'success', started: 1, finished: 2, exitCode: 0, error: '', lines: 2_000 }
  ask(engine, 'finish', by, lease, { started: 1, finished: 2, error: '', canceled: false }, [result])
  now += DAY
  while ((ask(engine, 'prune') as { more: boolean }).more);
  engine.close()
  expect(statSync(file).size).toBeLessThan(8 * 1024 * 1024)
})

function agentInfo() {
  return { name: 'a', version: '1', platform: 'linux/amd64', backend: 'local', capacity: 1, labels: {} }
}
