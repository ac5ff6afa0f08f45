import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BusError, silentLog, systemClock } from '../../src/protocol/index.ts'
import { entranceOf } from '../../src/server/http/entrance.ts'
import { startServer } from '../../src/server/index.ts'
import { RunningServer } from '../../src/server/running.ts'
import type { Store } from '../../src/server/store/store.ts'
import { type Timings, timingsOf } from '../../src/server/timings.ts'
import { RawEnd } from '../support/raw-end.ts'
import { waitUntil } from '../support/wait-until.ts'
import { folder, serve } from './support/served.ts'

describe('a start', () => {
  test('makes a directory and an admin token that nobody else may read', async () => {
    const data = join(await folder(), 'deep', 'data')
    const { server, token } = await serve({ data })
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    expect((await stat(server.adminTokenFile)).mode & 0o777).toBe(0o600)
    const end = await RawEnd.open({ url: server.url, token })
    expect(await end.call('token.list', {})).toMatchObject({ tokens: [{ role: 'admin' }] })
    await end.close()
  })

  test('keeps the admin token, and takes a given one at the first start only', async () => {
    const data = await folder()
    const first = await serve({ data, adminToken: 'given-by-the-operator' })
    expect(first.token).toBe('given-by-the-operator')
    await first.server.close()
    const second = await serve({ data, adminToken: 'another' })
    expect(second.token).toBe('given-by-the-operator')
    const end = await RawEnd.open({ url: second.server.url, token: second.token })
    await end.close()
    await expect(RawEnd.open({ url: second.server.url, token: 'another' })).rejects.toMatchObject({ status: 401 })
  })

  test('takes up the token file of a start that died before its credential was stored', async () => {
    const data = await folder()
    await writeFile(join(data, 'admin-token'), 'written-before-the-crash\n')
    const { server, token } = await serve({ data })
    expect(token).toBe('written-before-the-crash')
    await (await RawEnd.open({ url: server.url, token })).close()
  })

  test('is refused while another server has the directory, and not once that is gone', async () => {
    const data = await folder()
    const { server } = await serve({ data })
    await expect(startServer({ data, port: 0 })).rejects.toMatchObject({ name: 'StartError', code: 'data_in_use' })
    await server.close()
    await (await startServer({ data, port: 0 })).close()
  })

  test('takes over from a process that died, also one whose number lives on', async () => {
    const data = await folder()
    const child = spawn('sleep', ['60'])
    try {
      const lock = join(data, 'server.lock')
      await writeFile(lock, JSON.stringify({ pid: child.pid, began: '1' }))
      const { server } = await serve({ data })
      expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid })
      await server.close()
      await expect(stat(lock)).rejects.toMatchObject({ code: 'ENOENT' })
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('is refused for a taken port, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const data = await folder()
    await expect(startServer({ data, port })).rejects.toMatchObject({ code: 'port_taken' })
    taken.close()
    await (await startServer({ data, port: 0 })).close()
  })

  test('is refused for options that cannot be', async () => {
    const data = await folder()
    for (const bad of [
      { leaseMs: 5_000 },
      { leaseMs: 500, testTimings: true },
      { port: 70_000 },
      { adminToken: 'a b' },
    ]) {
      await expect(startServer({ data, port: 0, ...bad })).rejects.toMatchObject({ code: 'bad_option' })
    }
    await rm(data, { recursive: true })
    await writeFile(data, 'a file')
    await expect(startServer({ data, port: 0 })).rejects.toMatchObject({ code: 'data_refused' })
  })
})

describe('the probes', () => {
  test('say that it lives and is ready, and what is not there', async () => {
    const { server } = await serve()
    const status = async (path: string) => {
      const answer = await fetch(server.url + path)
      expect(answer.headers.get('drumline')).toBe('1')
      return { status: answer.status, body: await answer.json() }
    }
    expect(await status('/healthz')).toMatchObject({ status: 200 })
    expect(await status('/readyz')).toMatchObject({ status: 200 })
    expect(await status('/bus')).toMatchObject({ status: 426, body: { error: { code: 'bad_request' } } })
  })

  test('say that it is not ready while the store cannot be written, and recover', async () => {
    let broken = false
    const server = await serveOver(
      failing(() => broken),
      timingsOf(5_000, true),
    )
    const ready = async () => (await fetch(`${server.url}/readyz`)).status
    expect(await ready()).toBe(200)
    broken = true
    await waitUntil(async () => (await ready()) === 503, { what: '503' })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    broken = false
    await waitUntil(async () => (await ready()) === 200, { what: '200' })
  })
})

describe('an end', () => {
  test('by close settles at once, and everything asked before is on disk', async () => {
    const data = await folder()
    const { server, token } = await serve({ data })
    const end = await RawEnd.open({ url: server.url, token })
    await end.call('queue.pause', {})
    const started = performance.now()
    await server.close()
    await server.closed
    expect(performance.now() - started).toBeLessThan(3_000)
    await waitUntil(() => end.closed, { what: 'the close' })
    expect(end.closed).toMatchObject({ code: 1012 })
    const again = await serve({ data })
    const reader = await RawEnd.open({ url: again.server.url, token })
    expect(await reader.call('queue.info', {})).toMatchObject({ paused: true })
    await reader.close()
  })

  test('by a store that failed is told by `closed`, and frees the port', async () => {
    const server = await serveOver(
      failing(() => false),
      timingsOf(300_000, false),
    )
    const { port } = server
    server.fail(new Error('the disk is gone'))
    await expect(server.closed).rejects.toThrow('the disk is gone')
    const { server: next } = await serve({ port })
    expect(next.port).toBe(port)
  })

  test('by drain says goodbye, lets nobody in any more, and settles once all have gone', async () => {
    const { server, token } = await serve()
    const ends = await Promise.all(Array.from({ length: 4 }, () => RawEnd.open({ url: server.url, token })))
    const drained = server.drain()
    await ends[0]?.hears('bye')
    await expect(RawEnd.open({ url: server.url, token })).rejects.toMatchObject({ status: 503, drumline: true })
    await drained
    for (const end of ends) await waitUntil(() => end.closed?.code === 1012, { what: '1012' })
  })

  test('by drain asked for over the bus is answered first', async () => {
    const { server, token } = await serve()
    const end = await RawEnd.open({ url: server.url, token })
    expect(await end.call('server.drain', {})).toEqual({})
    await server.closed
  })
})

/** A server over a store that is not SQLite. */
async function serveOver(store: Store, timings: Timings): Promise<RunningServer> {
  const directory = { database: '', adminToken: join(await folder(), 'admin-token'), release: async () => {} }
  const server = new RunningServer({ store, clock: systemClock, log: silentLog, timings, directory })
  onTestFinished(() => server.close())
  const options = { data: '', port: 0 }
  await server.start(entranceOf(options), options)
  return server
}

/** A store that holds nothing and fails to sweep when told so. */
function failing(isBroken: () => boolean): Store {
  const store: Partial<Store> = {
    as: () => store as Store,
    onChange: () => {},
    onBatch: () => {},
    close: async () => {},
    namedCredential: async () => null,
    createCredential: async ({ role, name, labels }) => ({ id: 'c', role, name, labels, token: 1 }),
    findCredential: async () => null,
    queueInfo: async () => ({ version: 0, pending: 0, waiting: 0, offered: 0, running: 0, agents: 0, paused: false }),
    loadQueue: async () => ({ rows: [], more: false }),
    sweep: async () => {
      if (isBroken()) throw new BusError('unavailable', 'disk full')
      return { intents: [], lapsed: [], wasAway: false }
    },
  }
  return store as Store
}
