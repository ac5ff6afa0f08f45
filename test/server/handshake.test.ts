import { describe, expect, test } from 'vitest'
import type { FrameOf, Role } from '../../src/protocol/index.ts'
import { INFO } from './support/client.ts'
import { openHouse, spec } from './support/house.ts'

describe('a handshake', () => {
  test('welcomes an agent with its number, its limits and the first log credit', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    const welcome = await client.arrive()
    expect(welcome).toMatchObject({
      version: 1,
      features: [],
      connection: 1,
      agent: { name: 'anvil' },
      heartbeat: { intervalMs: 15_000, timeoutMs: 40_000 },
      credit: 65_536,
      claims: [],
    })
  })

  test('welcomes an operator without an agent', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('operator'))
    client.hello()
    expect(await client.frame('welcome')).not.toHaveProperty('agent')
  })

  test('closes 4001 when no hello comes within 5 s', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    await house.clock.advance(4_999)
    expect(client.ended).toBeUndefined()
    await house.clock.advance(1)
    expect(await client.end()).toMatchObject({ code: 4001 })
  })

  const claim = { lease: 'l', phase: 'running' as const, steps: [] }
  const refused: { name: string; role: Role; hello: Partial<FrameOf<'hello'>>; code: number }[] = [
    { name: 'no common version', role: 'agent', hello: { versions: [7, 8], agent: INFO }, code: 4503 },
    { name: "an agent's credential without an agent", role: 'agent', hello: {}, code: 4500 },
    { name: 'an operator that calls itself an agent', role: 'operator', hello: { agent: INFO }, code: 4500 },
    { name: 'an operator that claims a lease', role: 'operator', hello: { claims: [claim] }, code: 4502 },
  ]
  for (const { name, role, hello, code } of refused) {
    test(`closes ${code} on ${name}`, async () => {
      const house = await openHouse()
      const client = house.connect(await house.credential(role))
      client.hello(hello)
      expect(await client.end()).toMatchObject({ code })
    })
  }

  test('takes a version it knows among ones it does not', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    expect(await client.arrive({ versions: [9, 1] })).toMatchObject({ version: 1 })
  })

  test('closes 4502 on anything before the welcome, and on a second hello', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const early = house.connect(credential)
    early.raw({ type: 'request', id: 1, method: 'version', params: {} })
    expect(await early.end()).toMatchObject({ code: 4502 })
    const twice = house.connect(credential)
    await twice.arrive()
    twice.hello({ agent: INFO })
    expect(await twice.end()).toMatchObject({ code: 4502 })
  })

  test('forces the labels of the credential on the agent', async () => {
    const house = await openHouse()
    const ask = { role: 'agent' as const, name: 'tied', labels: { org: 'ours' }, tokenHash: 'x' }
    const client = house.connect(await house.store.createCredential(ask))
    await client.arrive({ agent: { ...INFO, labels: { org: 'theirs', disk: 'ssd' } } })
    const { agents } = await house.store.listAgents({ limit: 10 })
    expect(agents[0]?.labels).toMatchObject({ org: 'ours', disk: 'ssd' })
  })

  test('takes a small message after the hello only', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    await client.arrive()
    client.raw(`{"type":"ping","at":1}${' '.repeat(300 * 1024)}`)
    expect(await client.end()).toMatchObject({ code: 1009 })
  })
})

describe('claims', () => {
  test('are kept for the same process, and their logs go on from what is stored', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const operator = await house.operator()
    const first = house.connect(credential)
    await first.arrive()
    const next = first.call('next', {})
    await operator.call('submit', { workflows: [spec()], secrets: {} })
    const offer = await next
    const lease = offer?.lease ?? ''
    await first.call('init', { lease, state: { started: 1, finished: 0, error: '', canceled: false } })
    first.send({ type: 'log', lease, stepId: 's1', from: 1, text: 'a\nb\n', runs: [[2, 0, 'out']] })
    expect(await first.frame('stored')).toMatchObject({ upto: 2 })
    first.cut()
    await first.end()
    const second = house.connect(credential)
    const welcome = await second.arrive({
      boot: first.boot,
      dial: 2,
      claims: [{ lease, phase: 'running', steps: [{ stepId: 's1', next: 5 }] }],
    })
    expect(welcome.claims).toEqual([{ lease, verdict: 'keep', steps: [{ stepId: 's1', upto: 2 }] }])
    second.send({ type: 'log', lease, stepId: 's1', from: 4, text: 'd\n', runs: [[1, 0, 'out']] })
    expect(await second.frame('stored')).toMatchObject({ upto: 2, rewind: true })
  })
})
