import { describe, expect, test } from 'vitest'
import { METHODS, type MethodName, type ParamsOf } from '../../src/protocol/index.ts'
import { tokenHash } from '../../src/server/tokens.ts'
import { waitUntil } from '../support/wait-until.ts'
import { Asker } from './http/asker.ts'
import { openFront } from './http/front.ts'
import { type House, openHouse, spec } from './support/house.ts'

async function trail(house: House) {
  const { entries } = await house.store.audit({ limit: 100 })
  return entries
}

/** The newest row, once it tells of this. */
function rowOf(house: House, action: string) {
  const newest = async () => (await trail(house))[0]
  return waitUntil(async () => ((await newest())?.action === action ? newest() : undefined), { what: action })
}

/** One call of each method that changes something for everybody, and what it is done to. */
async function calls(house: House): Promise<[MethodName, object, string[]][]> {
  const [pending, other] = [await house.submit(), await house.submit()]
  const agent = house.connect(await house.credential('agent'))
  const { agent: who } = await agent.arrive()
  const credential = await house.credential('viewer', 'somebody')
  const id = who?.id ?? ''
  return [
    ['submit', { workflows: [spec()], secrets: {} }, ['*']],
    ['cancel', { ids: [pending], reason: 'no' }, [pending]],
    ['requeue', { id: other }, [other]],
    ['agent.set', { id, schedulable: false }, [id]],
    ['agent.remove', { id }, [id]],
    ['queue.pause', {}, []],
    ['queue.resume', {}, []],
    ['token.create', { role: 'viewer' }, ['*']],
    ['token.rotate', { id: credential.id }, [credential.id]],
    ['token.revoke', { id: credential.id }, [credential.id]],
    ['server.drain', {}, []],
  ]
}

describe('the audit trail', () => {
  test('has a row of every method that changes something, whoever may call it', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    const all = await calls(house)
    const wanted = (Object.keys(METHODS) as MethodName[]).filter((name) => {
      const { mutates, role } = METHODS[name]
      return mutates && (role === 'operator' || role === 'admin')
    })
    expect(all.map(([method]) => method).sort()).toEqual(wanted.sort())
    for (const [method, params, subjects] of all) {
      await admin.call(method, params as ParamsOf<typeof method>)
      const row = await rowOf(house, method)
      const ids = subjects[0] === '*' ? [expect.any(String)] : subjects
      expect(row).toMatchObject({
        action: method,
        subjects: ids,
        outcome: 'ok',
        role: 'admin',
        name: 'admin',
        address: '192.0.2.1',
      })
    }
  })

  test('has one row for a change that was asked for twice by one key', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    const params = { workflows: [spec()], secrets: {} }
    for (const _ of [1, 2]) await admin.channel.call('submit', params, { key: 'once' })
    expect((await trail(house)).filter(({ action }) => action === 'submit')).toHaveLength(1)
  })

  test('has none of a change that was refused', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    const before = (await trail(house)).length
    const bad = { workflows: [spec({ dependsOn: ['nothing'] })], secrets: {} }
    await expect(admin.call('submit', bad)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await trail(house)).toHaveLength(before)
  })

  test('tells who tried what is not theirs, with the ids they named and nothing else they said', async () => {
    const house = await openHouse()
    const viewer = house.connect(await house.credential('viewer', 'curious'))
    viewer.hello()
    await viewer.frame('welcome')
    const params = { ids: ['a', 'b'], reason: 'the secret of it' }
    await expect(viewer.call('cancel', params)).rejects.toMatchObject({ code: 'forbidden' })
    const row = await rowOf(house, 'cancel')
    expect(row).toMatchObject({ name: 'curious', role: 'viewer', subjects: ['a', 'b'], outcome: 'forbidden', times: 1 })
    expect(JSON.stringify(row)).not.toContain('secret')
    const operator = await house.operator()
    await operator.call('cancel', { ids: ['unknown'], reason: '' })
    expect(await rowOf(house, 'cancel')).toMatchObject({ outcome: 'not_found', subjects: ['unknown'] })
  })

  test('grows by a few rows however often somebody is refused, and says how often', async () => {
    const house = await openHouse()
    const viewer = house.connect(await house.credential('viewer'))
    viewer.hello()
    await viewer.frame('welcome')
    for (let at = 0; at < 100; at++) await viewer.call('queue.pause', {}).catch(() => {})
    await house.clock.advance(60_000)
    await waitUntil(async () => (await trail(house)).some(({ times }) => times === 99), { what: 'the count' })
    const refused = (await trail(house)).filter(({ action }) => action === 'queue.pause')
    expect(refused.map(({ times }) => times).sort()).toEqual([1, 99])
  })

  test('is as short when a flood is never the same twice', async () => {
    const house = await openHouse()
    const { refusals, owed } = house.core
    for (let at = 0; at < 10_000; at++) {
      const who = { credentialId: 'c', name: 'n', role: 'viewer' as const, address: `2001:db8::${at}` }
      refusals.note(who, { action: 'cancel', subjects: [], outcome: 'forbidden' })
    }
    refusals.flush()
    await owed.paid()
    const rows = await trail(house)
    expect(rows.length).toBeLessThan(100)
    expect(rows.reduce((sum, { times }) => sum + times, 0)).toBe(10_000)
  })

  test('tells that a revoked token was shown, from where, and is silent about strangers', async () => {
    const front = await openFront()
    const { store } = front.house
    const ask = { role: 'viewer' as const, name: 'gone', labels: {}, tokenHash: tokenHash('gone') }
    const { id } = await store.createCredential(ask)
    await store.revokeCredential(id)
    for (const token of ['gone', 'stranger']) await new Asker(front.url, token).fetch('GET', '/api/queue')
    const row = await rowOf(front.house, 'connect')
    expect(row).toMatchObject({ credential: id, name: 'gone', outcome: 'revoked', address: '127.0.0.1' })
    expect(await trail(front.house)).toHaveLength(1)
  })

  test('is for the admin, and read by whom, what and since when', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    await admin.call('queue.pause', {})
    await house.clock.advance(60_000)
    await admin.call('queue.resume', {})
    const since = house.clock.now()
    const actions = async (only: ParamsOf<'audit'>) =>
      (await admin.call('audit', only)).entries.map(({ action }) => action)
    expect(await actions({})).toEqual(['queue.resume', 'queue.pause'])
    expect(await actions({ since })).toEqual(['queue.resume'])
    expect(await actions({ action: 'queue.pause' })).toEqual(['queue.pause'])
    expect(await actions({ credential: 'nobody' })).toEqual([])
    const page = await admin.call('audit', { limit: 1 })
    expect(await actions({ before: page.next ?? '' })).toEqual(['queue.pause'])
  })
})
