import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, World } from './world.ts'

/** Who may come in. */
export function credentials(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())
  const listed = async () => (await world.store.listCredentials({ limit: 100 })).tokens

  describe('a credential', () => {
    const ask = { role: 'agent' as const, name: 'fleet', labels: { org: 'a' }, tokenHash: 'hash' }

    test('is found by the hash of its token until it is revoked', async () => {
      const { id, token } = await world.store.createCredential(ask)
      expect(await world.store.findCredential('hash')).toEqual({
        id,
        role: 'agent',
        name: 'fleet',
        labels: { org: 'a' },
        token,
      })
      expect(await world.store.findCredential('other')).toBeNull()
      await world.store.revokeCredential(id)
      expect(await world.store.findCredential('hash')).toBeNull()
    })

    test('is listed with when it was made, used and revoked', async () => {
      const { id } = await world.store.createCredential(ask)
      const created = new Date(world.clock.now())
      expect(await listed()).toEqual([
        {
          id,
          role: 'agent',
          name: 'fleet',
          labels: { org: 'a' },
          state: 'valid',
          created,
          expires: null,
          overlap: null,
          revoked: null,
          lastUsed: null,
          enrolled: null,
        },
      ])
      await world.clock.advance(1_000)
      await world.store.findCredential('hash')
      await world.store.revokeCredential(id)
      await world.clock.advance(1_000)
      await world.store.revokeCredential(id)
      const at = new Date(created.getTime() + 1_000)
      expect(await listed()).toMatchObject([{ state: 'revoked', revoked: at, lastUsed: at }])
    })

    test('in use is noted for many at once, and not again within the minute', async () => {
      const made = async (tokenHash: string) => (await world.store.createCredential({ ...ask, tokenHash })).token ?? 0
      const [first, second] = [await made('first'), await made('second')]
      const used = async () => (await listed()).map(({ lastUsed }) => lastUsed?.getTime())
      await world.store.noteUse([first, second, 4711])
      const at = world.clock.now()
      await world.clock.advance(20_000)
      await world.store.noteUse([first])
      expect(await used()).toEqual([at, at])
      await world.clock.advance(40_000)
      await world.store.noteUse([second])
      expect((await used()).sort()).toEqual([at, at + 60_000])
    })

    test('that is the last of an admin stays, one of two may go', async () => {
      const [first, second] = [await world.credential({ role: 'admin' }), await world.credential({ role: 'admin' })]
      await world.store.revokeCredential(first)
      expect(await codeOf(world.store.revokeCredential(second))).toBe('bad_request')
      await world.store.revokeCredential(first)
      expect((await listed()).filter(({ revoked }) => revoked === null)).toHaveLength(1)
    })

    test('that is not known cannot be revoked, and a token serves one', async () => {
      expect(await codeOf(world.store.revokeCredential('nothing'))).toBe('not_found')
      await world.store.createCredential(ask)
      expect(await codeOf(world.store.createCredential(ask))).toBe('bad_request')
    })
  })

  describe('once its credential is revoked, an agent', () => {
    async function revoked() {
      const credentialId = await world.credential()
      const agent = await world.agent('builder', { credentialId })
      const work = await world.running(agent)
      const offered = await world.submit()
      await agent.offered(offered)
      world.changes.length = 0
      await world.store.revokeCredential(credentialId)
      return { agent, credentialId, offered, ...work }
    }

    test('is told of with its credential, and is offline', async () => {
      const { agent, credentialId } = await revoked()
      expect(world.changes).toContainEqual({ kind: 'revoked', credentialId, agents: [agent.id] })
      expect(await world.store.getAgent(agent.id)).toMatchObject({ state: 'offline', running: 0 })
    })

    test('writes nothing more, whatever it has sent', async () => {
      const { agent, lease } = await revoked()
      const { store } = world
      const late = [
        agent.update(lease, { state: 'success' }),
        agent.finish(lease),
        agent.extend(lease),
        agent.log(lease, 's1', 1, ['late']),
        agent.gap(lease, 's1', 1, 1),
        store.health(agent.by),
        store.receipt(agent.by, lease, 1, 'stopped'),
        store.unregister(agent.by),
      ]
      expect(await Promise.all(late.map(codeOf))).toEqual(late.map(() => 'stale_lease'))
    })

    test('is not admitted again', async () => {
      const { agent, credentialId } = await revoked()
      expect(await agent.hello({ credentialId })).toEqual({ admitted: false, why: 'revoked' })
      expect(await agent.hello({ credentialId, boot: 'new' })).toEqual({ admitted: false, why: 'revoked' })
    })

    test('leaves what it was offered at once, and what it ran when its lease is over for certain', async () => {
      const { id, offered } = await revoked()
      expect(await world.states(id, offered)).toEqual(['pending', 'pending'])
      const other = await world.agent('other')
      await other.start(offered)
      expect(await world.store.offer(id, other.by)).toBeNull()
      await world.pass(5 * 60_000 + 11_000)
      await other.start(id)
    })
  })
}
