import { describe, expect, test } from 'vitest'
import { settle } from '../../support/fake-clock.ts'
import { INFO } from '../support/client.ts'
import { spec } from '../support/house.ts'
import { town } from './town.ts'

describe('case 13: two tenants: what each sees', () => {
  test('is what carries its label, of all that the admin sees', async () => {
    const { a, b, admin } = await town()
    for (const [own, { viewer }] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const mine = <T extends { labels: Record<string, string> }>(all: T[]) =>
        all.filter(({ labels }) => labels.tenant === own)
      expect((await viewer.call('list', {})).workflows).toEqual(mine((await admin.call('list', {})).workflows))
      expect((await viewer.call('agents', {})).agents).toEqual(mine((await admin.call('agents', {})).agents))
      expect((await viewer.call('list', { labels: { tenant: own === 'a' ? 'b' : 'a' } })).workflows).toEqual([])
      const counts = { pending: 1, waiting: 0, offered: 0, running: 1, agents: 1 }
      expect(await viewer.call('queue.info', {})).toMatchObject(counts)
    }
    expect(await admin.call('queue.info', {})).toMatchObject({ pending: 2, running: 2, agents: 2 })
  })

  test('pages through its own, whatever lies between', async () => {
    const { a, b } = await town()
    for (let more = 0; more < 5; more++) {
      for (const { operator } of [b, a]) {
        await operator.call('submit', { workflows: [spec({ labels: { os: 'none' } })], secrets: {} })
      }
    }
    const ids: string[] = []
    for (let before: string | undefined; ; ) {
      const page = await a.viewer.call('list', { limit: 3, ...(before === undefined ? {} : { before }) })
      ids.push(...page.workflows.map(({ id }) => id))
      if (page.next === null) break
      before = page.next
    }
    expect(new Set(ids).size).toBe(8)
    expect(ids).toHaveLength(8)
  })

  test('no event of the other, on any topic', async () => {
    const { a, b, front } = await town()
    for (const topic of ['workflows', 'agents', 'queue'])
      await b.viewer.call('subscribe', { subscription: topic, topic })
    await settle()
    await a.operator.call('submit', { workflows: [spec({ labels: { os: 'none' } })], secrets: {} })
    await a.operator.call('cancel', { ids: [a.pending], reason: 'no' })
    await a.operator.call('agent.set', { id: a.agentId, drain: true })
    await a.operator.call('agent.remove', { id: a.agentId })
    await settle()
    await front.house.clock.advance(1_000)
    expect(b.viewer.all('event')).toEqual([])
    expect(b.viewer.all('missed')).toEqual([])
    await b.operator.call('cancel', { ids: [b.pending], reason: 'own' })
    await b.viewer.frame('event', 2)
    await settle()
    const told = b.viewer.all('event').map(({ subscription, offset }) => `${subscription} ${offset - 1}`)
    expect(new Set(told.map((line) => line.split(' ')[0]))).toEqual(new Set(['workflows', 'queue']))
  })

  test('an agent that goes over to another label is removed here', async () => {
    const { front, a } = await town()
    const { store } = front.house
    const free = front.house.connect(
      await store.createCredential({ role: 'agent', name: 'f', labels: {}, tokenHash: 'f' }),
    )
    const info = { ...INFO, name: 'free', labels: { tenant: 'a' } }
    await free.arrive({ agent: info })
    const { page } = await a.viewer.call('subscribe', { subscription: 'agents', topic: 'agents' })
    expect(page).toHaveLength(2)
    await front.house.clock.advance(0)
    await free.call('register', { agent: { ...info, labels: {} } })
    expect((await a.viewer.frame('event')).data).toMatchObject({ kind: 'removed' })
    await free.call('register', { agent: info })
    expect((await a.viewer.frame('event', 2)).data).toMatchObject({ kind: 'agent', agent: { name: 'free' } })
  })

  test('why a workflow waits, without a name of the other', async () => {
    const { a } = await town()
    const { reasons } = await a.viewer.call('explain', { id: a.pending })
    expect(reasons).toMatchObject([{ agent: 'anvil-a', code: 'labels' }])
  })
})

test('case 13: two tenants: the trend, which counts the work of both, is for none of them', async () => {
  const { a, admin } = await town()
  const ask = { subscription: 'trend', topic: 'trend' }
  await expect(a.viewer.call('subscribe', ask)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('everybody'),
  })
  await expect(admin.call('subscribe', ask)).resolves.toMatchObject({ snapshot: true })
})

describe('case 13: two tenants: what each may do', () => {
  test('its work carries its label; a file that says otherwise is refused', async () => {
    const { a } = await town()
    expect(await a.viewer.call('get', { id: a.pending })).toMatchObject({ labels: { tenant: 'a' } })
    const foreign = a.operator.call('submit', { workflows: [spec({ labels: { tenant: 'b' } })], secrets: {} })
    await expect(foreign).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('tenant=b') })
  })

  test('groups of the same name do not hold each other up', async () => {
    const { front, a, b } = await town()
    const concurrency = { group: 'deploy', limit: 1 }
    for (const { operator, agent } of [a, b]) {
      const next = agent.call('next', {})
      await operator.call('submit', { workflows: [spec({ concurrency })], secrets: {} })
      expect(await next).not.toBeNull()
    }
    await front.house.clock.advance(0)
    const { workflows } = await a.operator.call('submit', { workflows: [spec({ concurrency })], secrets: {} })
    const { reasons } = await a.viewer.call('explain', { id: workflows[0]?.id ?? '' })
    expect(reasons[0]).toMatchObject({ code: 'concurrency', message: 'group deploy has 1 of 1 running' })
  })

  test('the store gives an agent no work that does not carry its label, whoever proposes it', async () => {
    const { front, a, b } = await town()
    const { store } = front.house
    const by = { agentId: a.agentId, connection: (await a.agent.frame('welcome')).connection }
    expect(await store.offer(b.pending, by)).toBeNull()
    expect(await store.offer(a.pending, by)).not.toBeNull()
  })
})
