import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, refusal, World } from './world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** How long the tokens of a credential are good, and how one is replaced. */
export function tokens(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  const ask = { role: 'agent' as const, name: 'fleet', labels: { org: 'a' } }
  const made = (more: object = {}) => world.store.createCredential({ ...ask, tokenHash: 'first', ...more })
  const good = async (...hashes: string[]) => {
    const found = await Promise.all(hashes.map((hash) => world.store.findCredential(hash)))
    return found.map((one) => one !== null)
  }
  const shown = async () => (await world.store.listCredentials({ limit: 10 })).tokens

  describe('a token that expires', () => {
    test('is good until then, and its credential is shown as expired from then on', async () => {
      await made({ expiresMs: HOUR })
      world.clock.jump(HOUR - 1)
      expect(await good('first')).toEqual([true])
      expect(await shown()).toMatchObject([{ state: 'valid' }])
      world.clock.jump(1)
      expect(await good('first')).toEqual([false])
      expect(await shown()).toMatchObject([{ state: 'expired', revoked: null }])
      expect(await world.store.endedCredential('first')).toMatchObject({ name: 'fleet', how: 'expired' })
    })

    test('takes the work of its agents along with the next sweep, and what they send is written no more', async () => {
      const { id: credentialId, token } = await made({ expiresMs: HOUR })
      const agent = await world.agent('builder', { credentialId })
      const { id, lease } = await world.running(agent, { leaseMs: 2 * HOUR, labels: ask.labels })
      world.clock.jump(HOUR)
      world.changes.length = 0
      await world.store.sweep()
      const ended = { kind: 'token', id: token, credentialId, last: true, agents: [agent.id] }
      expect(world.changes).toContainEqual(ended)
      expect(await codeOf(agent.finish(lease))).toBe('stale_lease')
      expect(await world.get(id)).toMatchObject({ state: 'pending', lost: 'the credential of its agent has expired' })
      expect(await agent.hello({ credentialId })).toEqual({ admitted: false, why: 'expired' })
    })

    test('ends once', async () => {
      await made({ expiresMs: HOUR })
      world.clock.jump(HOUR)
      await world.store.sweep()
      world.changes.length = 0
      await world.store.sweep()
      expect(world.changes.filter(({ kind }) => kind === 'token')).toEqual([])
    })
  })

  describe('a token that is rotated', () => {
    test('is good beside the new one for the overlap, then it ends and the credential goes on', async () => {
      const { id, token } = await made()
      const { overlap, expires } = await world.store.rotateToken(id, { tokenHash: 'second', overlapMs: DAY })
      expect([overlap.getTime(), expires]).toEqual([world.clock.now() + DAY, null])
      expect(await good('first', 'second')).toEqual([true, true])
      expect(await shown()).toMatchObject([{ state: 'valid', expires: null, overlap }])
      world.clock.jump(DAY)
      expect(await good('first', 'second')).toEqual([false, true])
      await world.store.sweep()
      expect(world.changes).toContainEqual({ kind: 'token', id: token, credentialId: id, last: false, agents: [] })
      expect(await shown()).toMatchObject([{ state: 'valid', overlap: null }])
    })

    test('without an overlap ends in the same commit', async () => {
      const { id, token } = await made()
      await world.store.rotateToken(id, { tokenHash: 'second', overlapMs: 0 })
      expect(await good('first', 'second')).toEqual([false, true])
      expect(world.changes).toContainEqual({ kind: 'token', id: token, credentialId: id, last: false, agents: [] })
    })

    test('lasts as long as the one before it was made for, and one that ends earlier is not lengthened', async () => {
      const { id } = await made({ expiresMs: 10 * DAY })
      world.clock.jump(9 * DAY)
      const { expires } = await world.store.rotateToken(id, { tokenHash: 'second', overlapMs: 5 * DAY })
      expect(expires?.getTime()).toBe(world.clock.now() + 10 * DAY)
      world.clock.jump(DAY)
      expect(await good('first', 'second')).toEqual([false, true])
    })

    test('too late is good again: its agent is the one it was', async () => {
      const { id: credentialId } = await made({ expiresMs: HOUR })
      const agent = await world.agent('builder', { credentialId })
      world.clock.jump(HOUR)
      await world.store.sweep()
      await world.store.rotateToken(credentialId, { tokenHash: 'second', overlapMs: DAY })
      expect(await good('first', 'second')).toEqual([false, true])
      expect(await agent.hello({ credentialId, boot: 'new' })).toMatchObject({ admitted: true, agentId: agent.id })
    })

    test('is refused for one that is revoked, unknown, known already, or of an admin that would be locked out', async () => {
      const { id } = await made()
      const admin = await world.credential({ role: 'admin' })
      const rotate = (whose: string, more: object = {}) =>
        codeOf(world.store.rotateToken(whose, { tokenHash: 'other', overlapMs: 0, ...more }))
      expect(await rotate('nothing')).toBe('not_found')
      expect(await rotate(id, { tokenHash: 'first' })).toBe('bad_request')
      expect(await rotate(admin, { expiresMs: HOUR })).toBe('bad_request')
      await world.store.revokeCredential(id)
      expect(await rotate(id)).toBe('bad_request')
      expect(await good('first', 'other')).toEqual([false, false])
    })
  })

  describe('an enrolment', () => {
    const enrolment = () => made({ role: 'enrolment', tokenHash: 'enrolment', expiresMs: HOUR })
    const enrol = (id: string, tokenHash: string) => world.store.enrol(id, { name: 'anvil', tokenHash })

    test('is exchanged for one credential with its labels; the same again is the same answer, another is refused', async () => {
      const { id } = await enrolment()
      const first = await enrol(id, 'own')
      expect(await world.store.findCredential('own')).toMatchObject({ ...first, ...ask, name: 'anvil' })
      world.clock.jump(2 * HOUR)
      expect(await enrol(id, 'own')).toEqual(first)
      expect(await codeOf(enrol(id, 'other'))).toBe('conflict')
      expect(await good('other')).toEqual([false])
      const all = new Map((await shown()).map((one) => [one.id, one]))
      expect(all.get(id)).toMatchObject({ state: 'used', enrolled: first.id })
      expect(all.get(first.id)).toMatchObject({ name: 'anvil', state: 'valid' })
    })

    test('is good until it expires or is revoked, and answers nothing for a credential that has ended', async () => {
      const [late, { id }] = [await enrolment(), await made({ role: 'enrolment', tokenHash: 'second' })]
      const { id: own } = await enrol(id, 'own')
      await world.store.revokeCredential(own)
      expect(await codeOf(enrol(id, 'own'))).toBe('forbidden')
      world.clock.jump(HOUR)
      expect(await codeOf(enrol(late.id, 'late'))).toBe('forbidden')
    })

    test('does not take a token that is known', async () => {
      const { id } = await enrolment()
      await made()
      expect(await refusal(enrol(id, 'first'))).toMatchObject({ code: 'bad_request', retry: 'reauth' })
      expect(await enrol(id, 'own')).toEqual({ id: expect.any(String) })
    })
  })

  describe('the audit trail', () => {
    test('is forgotten when it is older than it is kept', async () => {
      const who = { credentialId: 'c', name: 'n', role: 'viewer' as const, address: '' }
      await world.store.as(who).setPaused(true)
      world.clock.jump(90 * DAY - HOUR)
      await world.store.as(who).setPaused(false)
      world.clock.jump(HOUR)
      await world.pruneAll()
      const { entries } = await world.store.audit({ limit: 10 })
      expect(entries.map(({ action }) => action)).toEqual(['queue.resume'])
    })
  })
}
