import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BusError } from '../../src/protocol/index.ts'
import { AdminToken } from '../../src/server/files/admin-token.ts'
import { tokenHash } from '../../src/server/tokens.ts'
import { openHouse } from './support/house.ts'
import { folder } from './support/served.ts'

/** A server's folder after its first start. */
async function begun() {
  const house = await openHouse()
  const file = join(await folder(), 'admin-token')
  const admin = new AdminToken(file)
  await admin.ensure(house.store, 'the first')
  const { id = '' } = (await house.store.findCredential(tokenHash('the first'))) ?? {}
  const commit = () => house.store.rotateToken(id, { tokenHash: tokenHash('the second'), overlapMs: 0 })
  const letsIn = async () => (await house.store.findCredential(tokenHash(readFileSync(file, 'utf8').trim()))) !== null
  return { house, file, admin, commit, letsIn }
}

describe('the file of the admin’s token', () => {
  test('holds the new one once it is rotated', async () => {
    const { file, admin, commit, letsIn } = await begun()
    await admin.replace('the second', commit)
    expect(readFileSync(file, 'utf8')).toBe('the second\n')
    expect([await letsIn(), existsSync(`${file}.new`)]).toEqual([true, false])
  })

  test('keeps the old one where the store refuses', async () => {
    const { file, admin, letsIn } = await begun()
    const refused = admin.replace('the second', () => Promise.reject(new BusError('unavailable', 'the disk is full')))
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
    expect([await letsIn(), existsSync(`${file}.new`)]).toEqual([true, false])
  })

  test.each([
    ['before', 'the first'],
    ['after', 'the second'],
  ])('lets in after a process was killed %s the commit', async (when, token) => {
    const { house, file, commit, letsIn } = await begun()
    writeFileSync(`${file}.new`, 'the second\n')
    if (when === 'after') await commit()
    // As the next start does.
    await new AdminToken(file).ensure(house.store, 'another')
    expect(readFileSync(file, 'utf8').trim()).toBe(token)
    expect([await letsIn(), existsSync(`${file}.new`)]).toEqual([true, false])
  })
})
