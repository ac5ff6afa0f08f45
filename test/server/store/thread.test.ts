import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BusError, systemClock } from '../../../src/protocol/index.ts'
import { openSqlite } from '../../../src/server/store/sqlite/index.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { contract } from './contract/index.ts'
import { refusal, specOf } from './contract/world.ts'

const OPTIONS = { clock: systemClock, leaseMs: 300_000, testTimings: false, thread: true }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the SQLite store, in a thread', () => {
  contract(
    ({ file, ...options }) => openSqlite(file, { ...options, thread: true }),
    ['credentials', 'changes', 'restart'],
  )

  test('commits what was asked before it closes, and refuses what comes after', async () => {
    const store = await openSqlite(join(folder, 'test.db'), OPTIONS)
    const asked = store.submit([{ id: 'a', spec: specOf({ name: 'a' }) }], {})
    await store.close()
    await expect(asked).resolves.toEqual({ workflows: [{ id: 'a', name: 'a' }] })
    expect((await refusal(store.get('a'))).code).toBe('unavailable')
    await store.close()
  })

  test('says what keeps it from opening', async () => {
    const error = await refusal(openSqlite(join(folder, 'no such folder', 'test.db'), OPTIONS))
    expect(error).toBeInstanceOf(BusError)
    expect(error.code).toBe('unavailable')
  })

  // The process that dies takes its page cache along no more than power would: what was acknowledged is in the file.
  test('has on disk whatever it acknowledged when its process is killed', async () => {
    const file = join(folder, 'test.db')
    const acknowledged: string[] = []
    const child = fork(join(import.meta.dirname, 'writer.mjs'), [file], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.on('message', (id: string) => acknowledged.push(id))
    const exited = new Promise((resolve) => child.once('exit', resolve))
    await waitUntil(() => acknowledged.length > 500, { limitMs: 15_000, what: 'five hundred acknowledgements' })
    child.kill('SIGKILL')
    await exited
    const store = await openSqlite(file, { ...OPTIONS, thread: false })
    try {
      for (const id of acknowledged) expect((await store.get(id))?.state, id).toBe('pending')
      const { pending } = await store.queueInfo()
      expect(pending).toBeGreaterThanOrEqual(acknowledged.length)
    } finally {
      await store.close()
    }
    expect(existsSync(file)).toBe(true)
  })
})
