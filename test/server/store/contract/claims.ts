import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, World } from './world.ts'

/** What a handshake says to each lease that an agent believes it holds, and does to those it does not. */
export function claims(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('a claim', () => {
    test('of work that runs is kept, with the lines on disk, and renewed', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a', 'b'])
      await world.pass(4 * 60_000)
      const verdict = await agent.claim(lease, 'running')
      expect(verdict).toEqual({
        lease,
        verdict: 'keep',
        steps: [
          { stepId: 's1', upto: 2 },
          { stepId: 's2', upto: 0 },
        ],
      })
      await world.pass(4 * 60_000)
      expect(await world.state(id)).toBe('running')
    })

    test('of an offer whose acceptance is under way is kept, and accepted again', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      const lease = await agent.offered(id)
      expect((await agent.claim(lease, 'accepting')).verdict).toBe('keep')
      await agent.accept(lease)
      expect(await world.state(id)).toBe('running')
    })

    test('of work that was accepted, the answer lost, is kept and answered again', async () => {
      const agent = await world.agent()
      const id = await world.submit({ secrets: ['TOKEN'] }, { TOKEN: 'value' })
      const lease = await agent.start(id)
      expect((await agent.claim(lease, 'accepting')).verdict).toBe('keep')
      expect(await agent.accept(lease)).toEqual({ secrets: { TOKEN: 'value' }, intent: null })
      expect((await world.get(id)).attempt).toBe(1)
    })

    test('of cancelled work is told the cancel', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await world.store.requestCancel([id], 'no more')
      expect((await agent.claim(lease, 'running')).verdict).toBe('cancel')
    })

    test.each(['fenced', 'interrupted'] as const)(
      'that is %s closes the attempt and takes its last lines',
      async (phase) => {
        const agent = await world.agent()
        const { id, lease } = await world.running(agent)
        await agent.log(lease, 's1', 1, ['a'])
        expect((await agent.claim(lease, phase, { s1: 3 })).verdict).toBe('logs')
        expect(await world.state(id)).toBe('pending')
        expect(await codeOf(agent.update(lease, {}))).toBe('stale_lease')
        expect(await agent.log(lease, 's1', 2, ['b', 'c'])).toEqual({ upto: 3, hole: false })
        expect(await codeOf(agent.log(lease, 's1', 4, ['d']))).toBe('stale_lease')
      },
    )

    test('that is interrupted leaves a log whose end nobody knows, also when every saved line has come', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent, { maxAttempts: 1 })
      await agent.log(lease, 's1', 1, ['a'])
      expect((await agent.claim(lease, 'interrupted', { s1: 2 })).verdict).toBe('logs')
      expect((await world.get(id)).logs).toBe('open')
      await agent.log(lease, 's1', 2, ['b'])
      const end = { stepId: 's1', from: 3, to: null, reason: expect.stringContaining('killed') }
      expect(await world.get(id)).toMatchObject({ state: 'error', logs: 'incomplete', missing: [end] })
    })

    test('of work that is done is kept until its done arrives, and done after', async () => {
      const agent = await world.agent()
      const { lease } = await world.running(agent)
      expect((await agent.claim(lease, 'done')).verdict).toBe('keep')
      await agent.finish(lease, undefined, { lines: { s1: 2 } })
      expect((await agent.claim(lease, 'done', { s1: 2 })).verdict).toBe('done')
      expect(await agent.log(lease, 's1', 1, ['a', 'b'])).toEqual({ upto: 2, hole: false })
    })

    test('of done work whose lines are not waited for any more is lost if it owes some, so that nobody keeps them', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a'])
      await agent.finish(lease, undefined, { lines: { s1: 2 } })
      await world.pass(61 * 60_000)
      await world.store.sweep()
      expect((await world.get(id)).logs).toBe('incomplete')
      expect((await agent.claim(lease, 'done', { s1: 2 })).verdict).toBe('lost')
      expect((await agent.claim(lease, 'done', { s1: 1 })).verdict).toBe('done')
      expect(await world.state(id)).toBe('success')
    })

    test('of work that has expired is lost, or its lines are taken if it had stopped', async () => {
      const agent = await world.agent()
      const first = await world.running(agent)
      const second = await world.running(agent)
      await world.pass(5 * 60_000 + 11_000)
      const claims = [
        { lease: first.lease, phase: 'running' as const, steps: [] },
        { lease: second.lease, phase: 'fenced' as const, steps: [{ stepId: 's1', next: 1 }] },
      ]
      const verdicts = await agent.connect({ claims })
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(['lost', 'logs'])
    })

    test('of a foreign or an unknown lease is lost', async () => {
      const agent = await world.agent()
      const other = await world.agent('other')
      const { lease } = await world.running(other)
      expect(await agent.claim(lease, 'running')).toEqual({ lease, verdict: 'lost', steps: [] })
      expect((await agent.claim('no such lease', 'running')).verdict).toBe('lost')
      expect((await other.extend(lease)).claims[0]?.verdict).toBe('keep')
    })
  })

  handshakes(() => world)
}

function handshakes(home: () => World): void {
  describe('a handshake', () => {
    test('takes back the older offers of its agent', async () => {
      const world = home()
      const agent = await world.agent()
      const id = await world.submit()
      const lease = await agent.offered(id)
      await agent.connect()
      expect(await world.state(id)).toBe('pending')
      expect(await codeOf(agent.accept(lease))).toBe('stale_lease')
    })

    test('closes what this boot runs and does not claim: it is first in line again', async () => {
      const world = home()
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await agent.connect()
      const detail = await world.get(id)
      expect([detail.state, detail.lost]).toEqual(['pending', 'its agent came back without it'])
      expect(await codeOf(agent.update(lease, {}))).toBe('stale_lease')
    })

    test('of another boot leaves the work of the first to its end', async () => {
      const world = home()
      const agent = await world.agent('builder', { boot: 'first' })
      const { id } = await world.running(agent)
      await world.store.disconnected(agent.by)
      await agent.connect({ boot: 'second' })
      expect(await world.state(id)).toBe('running')
      await world.pass(5 * 60_000 + 11_000)
      expect(await world.state(id)).toBe('pending')
    })

    test('that replaces a boot closes its work at once, and takes lines and results of what it claims', async () => {
      const world = home()
      const agent = await world.agent('builder', { boot: 'first' })
      const gone = await world.running(agent)
      const cut = await world.running(agent)
      const done = await world.running(agent)
      const verdicts = await agent.connect({
        boot: 'second',
        replaces: ['first'],
        claims: [
          { lease: cut.lease, phase: 'interrupted', steps: [{ stepId: 's1', next: 2 }] },
          { lease: done.lease, phase: 'done', steps: [] },
        ],
      })
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(['logs', 'keep'])
      expect(await world.states(gone.id, cut.id, done.id)).toEqual(['pending', 'pending', 'running'])
      expect(await agent.log(cut.lease, 's1', 1, ['last words'])).toEqual({ upto: 1, hole: false })
      await agent.finish(done.lease)
      expect(await world.state(done.id)).toBe('success')
    })

    test('tells every cancel that was not receipted, also after a restart of the server', async () => {
      const world = home()
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await world.store.requestCancel([id], 'no more')
      await world.reopen()
      const claim = { lease, phase: 'running' as const, steps: [] }
      const answer = await agent.hello({ claims: [claim] })
      const intent = {
        kind: 'cancel',
        agentId: agent.id,
        workflowId: id,
        lease,
        revision: 1,
        reason: 'no more',
        graceMs: 10_000,
      }
      expect(answer).toMatchObject({ admitted: true, intents: [intent] })
    })
  })
}
