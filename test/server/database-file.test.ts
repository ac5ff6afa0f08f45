import { mkdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../../src/server/index.ts'
import { folder, serve } from './support/served.ts'

test('a database may be any file, which is made for this user only', async () => {
  const database = join(await folder(), 'deep', 'queue.sqlite')
  const { server } = await serve({ data: await folder(), database })
  expect((await stat(database)).size).toBeGreaterThan(0)
  expect((await stat(database)).mode & 0o777).toBe(0o600)
  await server.close()
})

test('a database is one server’s, whatever data directory or name another comes by', async () => {
  const place = await folder()
  const database = join(place, 'queue.db')
  const { server } = await serve({ data: await folder(), database })
  await symlink(database, join(place, 'link.db'))
  await symlink(place, join(place, 'itself'))
  for (const other of [database, join(place, 'link.db'), join(place, 'itself', 'queue.db')]) {
    const started = startServer({ data: await folder(), database: other, port: 0 })
    await expect(started).rejects.toMatchObject({ code: 'data_in_use' })
  }
  await server.close()
  await (await startServer({ data: await folder(), database, port: 0 })).close()
})

test('the database of a data directory is not free for a server that has another directory', async () => {
  const data = await folder()
  const { server } = await serve({ data })
  const started = startServer({ data: await folder(), database: join(data, 'drumline.db'), port: 0 })
  await expect(started).rejects.toMatchObject({ code: 'data_in_use' })
  await server.close()
})

test('a database that is a folder is refused, and the data directory is free again', async () => {
  const data = await folder()
  const database = join(await folder(), 'folder')
  await mkdir(database)
  await expect(startServer({ data, database, port: 0 })).rejects.toMatchObject({ code: 'data_refused' })
  await (await startServer({ data, port: 0 })).close()
})

test('a time for which nothing would be kept is refused', async () => {
  const data = await folder()
  for (const keepMs of [0, 3_599_999, Number.NaN]) {
    await expect(startServer({ data, port: 0, keepMs })).rejects.toMatchObject({ code: 'bad_option' })
  }
  await (await startServer({ data, port: 0, keepMs: Number.POSITIVE_INFINITY })).close()
})
