import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, infoOf, type OpenStore, World } from './world.ts'

/** Rules 2 and 7: connections, boots and the registry of agents. */
export function sessions(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('a connection', () => {
    test('is numbered one above the last of its agent', async () => {
      const agent = await world.agent()
      expect(agent.by.connection).toBe(1)
      await agent.connect()
      expect(agent.by.connection).toBe(2)
    })

    test('of the same credential and name is the same agent, of another credential another', async () => {
      const agent = await world.agent()
      const other = await world.agent('builder', { credentialId: 'other', boot: 'x' })
      expect(other.id).not.toBe(agent.id)
      const before = agent.id
      await agent.connect()
      expect(agent.id).toBe(before)
    })

    test('of the same boot needs a higher dial than the last', async () => {
      const agent = await world.agent()
      expect(await agent.hello({ dial: 1 })).toEqual({ admitted: false, why: 'old_dial' })
      expect((await agent.hello({ dial: 2 })).admitted).toBe(true)
    })

    test('of another boot is refused while the first is online, with the boot to probe', async () => {
      const agent = await world.agent('builder', { boot: 'first' })
      const answer = await agent.hello({ boot: 'second' })
      expect(answer).toEqual({ admitted: false, why: 'other_boot', agentId: agent.id, boot: 'first' })
    })

    test('of another boot that was turned away is noted, until the agent comes back', async () => {
      const agent = await world.agent('builder', { boot: 'first' })
      const noted = async () => (await world.store.getAgent(agent.id))?.conflict
      expect(await noted()).toBeNull()
      await world.store.noteConflict(agent.id)
      expect((await noted())?.getTime()).toBe(world.clock.now())
      await agent.hello({ dial: 2 })
      expect(await noted()).toBeNull()
      await world.store.noteConflict('nobody')
    })

    test('of another boot is admitted over one whose socket was found dead', async () => {
      const agent = await world.agent('builder', { boot: 'first' })
      expect((await agent.hello({ boot: 'second', admitOver: 'first' })).admitted).toBe(true)
    })

    test('of another boot is admitted once the first has gone', async () => {
      const agent = await world.agent('builder', { boot: 'first' })
      await world.store.disconnected(agent.by)
      expect((await agent.hello({ boot: 'second' })).admitted).toBe(true)
    })

    test('of a boot that was replaced is never admitted again', async () => {
      const agent = await world.agent('builder', { boot: 'first' })
      await agent.connect({ boot: 'second', replaces: ['first'] })
      await world.store.disconnected(agent.by)
      expect(await agent.hello({ boot: 'first', dial: 99 })).toEqual({ admitted: false, why: 'replaced' })
    })

    test('that was closed late changes nothing of the newer one', async () => {
      const agent = await world.agent()
      const old = agent.by
      await agent.connect()
      await world.store.disconnected(old)
      expect((await world.store.getAgent(agent.id))?.state).toBe('online')
    })

    test('that ends lets its open offers lapse at once', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      await agent.offered(id)
      await world.store.disconnected(agent.by)
      expect(await world.state(id)).toBe('pending')
      expect((await world.store.getAgent(agent.id))?.state).toBe('offline')
    })
  })

  registry(() => world)
}

function registry(home: () => World): void {
  describe('an agent', () => {
    test('has default labels, and those that its credential forces', async () => {
      const world = home()
      const credentialId = await world.credential({ labels: { org: 'a', zone: 'forced' } })
      const info = { ...infoOf('builder'), labels: { zone: 'own', '!zone': 'own', hostname: 'h' } }
      const agent = await world.agent('builder', { credentialId, agent: info })
      expect((await world.store.getAgent(agent.id))?.labels).toEqual({
        repo: '*',
        platform: 'linux/amd64',
        backend: 'local',
        hostname: 'h',
        org: 'a',
        '!org': 'a',
        zone: 'forced',
        '!zone': 'forced',
      })
    })

    test('announces itself anew by register', async () => {
      const world = home()
      const agent = await world.agent()
      await world.store.register(agent.by, { ...infoOf('builder'), capacity: 7, labels: { gpu: 'true' } })
      const view = await world.store.getAgent(agent.id)
      expect([view?.capacity, view?.labels.gpu]).toEqual([7, 'true'])
    })

    test('that unregistered is offered nothing, finishes what it runs, and is back with its next hello', async () => {
      const world = home()
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      const next = await world.submit()
      await world.store.unregister(agent.by)
      expect(await world.store.offer(next, agent.by)).toBeNull()
      expect((await world.store.getAgent(agent.id))?.state).toBe('draining')
      await agent.finish(lease)
      expect(await world.state(id)).toBe('success')
      await agent.connect()
      expect(await world.store.offer(next, agent.by)).not.toBeNull()
    })

    test('that is drained or not schedulable is offered nothing', async () => {
      const world = home()
      const agent = await world.agent()
      const id = await world.submit()
      await world.store.setAgent(agent.id, { drain: true })
      expect(await world.store.offer(id, agent.by)).toBeNull()
      await world.store.setAgent(agent.id, { drain: false, schedulable: false })
      expect(await world.store.offer(id, agent.by)).toBeNull()
      await world.store.setAgent(agent.id, { schedulable: true })
      expect(await world.store.offer(id, agent.by)).not.toBeNull()
    })

    test('notes its last contact', async () => {
      const world = home()
      const agent = await world.agent()
      await world.clock.advance(5_000)
      await world.store.health(agent.by)
      expect((await world.store.getAgent(agent.id))?.lastSeen?.getTime()).toBe(world.clock.now())
    })

    test('tells where it connects from, how often it has, and its last round trip', async () => {
      const world = home()
      const agent = await world.agent('builder', { address: '192.0.2.7' })
      const link = async () => {
        const view = await world.store.getAgent(agent.id)
        return [view?.address, view?.connections, view?.roundTripMs]
      }
      expect(await link()).toEqual(['192.0.2.7', 1, null])
      const before = (await world.store.getAgent(agent.id))?.version ?? 0
      await world.store.noteRoundTrip(agent.by, 48)
      expect(await link()).toEqual(['192.0.2.7', 1, 48])
      expect((await world.store.getAgent(agent.id))?.version).toBeGreaterThan(before)
      await world.store.disconnected(agent.by)
      expect(await link()).toEqual(['192.0.2.7', 1, null])
      const old = agent.by
      await agent.connect()
      expect(await link()).toEqual([null, 2, null])
      expect(await codeOf(world.store.noteRoundTrip(old, 50))).toBe('stale_lease')
    })

    test('says who wants it to take no more work', async () => {
      const world = home()
      const agent = await world.agent()
      const drainedBy = async () => (await world.store.getAgent(agent.id))?.drainedBy
      expect(await drainedBy()).toBeNull()
      await world.store.unregister(agent.by)
      expect(await drainedBy()).toBe('agent')
      await world.store.setAgent(agent.id, { drain: true })
      expect(await drainedBy()).toBe('operator')
      await world.store.disconnected(agent.by)
      await agent.connect()
      expect(await drainedBy()).toBe('operator')
      await world.store.setAgent(agent.id, { drain: false })
      expect(await drainedBy()).toBeNull()
    })

    test('that is removed loses what it runs, which waits until it may have stopped', async () => {
      const world = home()
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      const intents = await world.store.removeAgent(agent.id)
      expect(intents).toMatchObject([{ kind: 'revoke', agentId: agent.id, workflowId: id, lease }])
      expect(await world.store.getAgent(agent.id)).toBeNull()
      expect(await codeOf(agent.finish(lease))).toBe('stale_lease')
      const other = await world.agent('other')
      expect(await world.store.offer(id, other.by)).toBeNull()
      await world.pass(5 * 60_000 + 10_000)
      expect(await world.store.offer(id, other.by)).not.toBeNull()
    })

    test('that is not known cannot be set or removed', async () => {
      expect(await codeOf(home().store.setAgent('nobody', { drain: true }))).toBe('not_found')
      expect(await codeOf(home().store.removeAgent('nobody'))).toBe('not_found')
    })

    test('whose connection is not the newest may not register, extend or tell its health', async () => {
      const world = home()
      const agent = await world.agent()
      const old = agent.by
      await agent.connect()
      expect(await codeOf(world.store.register(old, infoOf('builder')))).toBe('stale_lease')
      expect(await codeOf(world.store.extend(old, []))).toBe('stale_lease')
      expect(await codeOf(world.store.health(old))).toBe('stale_lease')
    })
  })
}
