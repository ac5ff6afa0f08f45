import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, World } from './world.ts'

/** Who may come in. */
export function credentials(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('a credential', () => {
    const ask = { role: 'agent' as const, name: 'fleet', labels: { org: 'a' }, tokenHash: 'hash' }

    test('is found by the hash of its token until it is revoked', async () => {
      const { id } = await world.store.createCredential(ask)
      expect(await world.store.findCredential('hash')).toEqual({
        id,
        role: 'agent',
        name: 'fleet',
        labels: { org: 'a' },
      })
      expect(await world.store.findCredential('other')).toBeNull()
      await world.store.revokeCredential(id)
      expect(await world.store.findCredential('hash')).toBeNull()
    })

    test('is listed with when it was made, used and revoked', async () => {
      const { id } = await world.store.createCredential(ask)
      const created = new Date(world.clock.now())
      expect(await world.store.listCredentials()).toEqual([
        { id, role: 'agent', name: 'fleet', labels: { org: 'a' }, created, revoked: null, lastUsed: null },
      ])
      await world.clock.advance(1_000)
      await world.store.findCredential('hash')
      await world.store.revokeCredential(id)
      await world.clock.advance(1_000)
      await world.store.revokeCredential(id)
      const at = new Date(created.getTime() + 1_000)
      expect(await world.store.listCredentials()).toMatchObject([{ revoked: at, lastUsed: at }])
    })

    test('that is not known cannot be revoked, and a token serves one', async () => {
      expect(await codeOf(world.store.revokeCredential('nothing'))).toBe('not_found')
      await world.store.createCredential(ask)
      expect(await codeOf(world.store.createCredential(ask))).toBe('bad_request')
    })
  })
}
