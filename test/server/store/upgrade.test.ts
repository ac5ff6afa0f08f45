import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Db } from '../../../src/server/store/sqlite/db.ts'
import { openSqlite } from '../../../src/server/store/sqlite/index.ts'
import { MIGRATIONS } from '../../../src/server/store/sqlite/schema.ts'
import { FakeClock } from '../../support/fake-clock.ts'

/** The last schema in which a credential was its one token. */
const ONE_TOKEN = 7

test('a database of one token a credential is taken over: tokens stay good, revoked ones revoked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drumline-upgrade-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'test.db')
  const old = new Db(file)
  for (const migration of MIGRATIONS.slice(0, ONE_TOKEN)) old.exec(migration)
  old.exec(`PRAGMA user_version = ${ONE_TOKEN}`)
  const insert = `INSERT INTO credential (id, role, name, labels, token_hash, created, revoked, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
  old.run(insert, 'a', 'admin', 'admin', '{}', 'hash a', 1_000, null, 5_000)
  old.run(insert, 'b', 'agent', 'fleet', '{"org":"x"}', 'hash b', 2_000, 3_000, null)
  old.close()

  const clock = new FakeClock()
  const store = await openSqlite(file, { clock, leaseMs: 300_000, testTimings: false, thread: false })
  onTestFinished(() => store.close())
  const { tokens } = await store.listCredentials({ limit: 10 })
  const none = { expires: null, overlap: null, enrolled: null }
  const date = (ms: number) => new Date(ms)
  expect(tokens).toEqual([
    {
      id: 'a',
      role: 'admin',
      name: 'admin',
      labels: {},
      state: 'valid',
      created: date(1_000),
      revoked: null,
      lastUsed: date(5_000),
      ...none,
    },
    {
      id: 'b',
      role: 'agent',
      name: 'fleet',
      labels: { org: 'x' },
      state: 'revoked',
      created: date(2_000),
      revoked: date(3_000),
      lastUsed: null,
      ...none,
    },
  ])
  expect(await store.findCredential('hash a')).toMatchObject({ id: 'a', role: 'admin' })
  expect(await store.findCredential('hash b')).toBeNull()
  await store.rotateToken('a', { tokenHash: 'hash c', overlapMs: 0 })
  expect(await store.findCredential('hash c')).toMatchObject({ id: 'a' })
})
