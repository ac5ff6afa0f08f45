import { describe, expect, test } from 'vitest'
import { type AgentView, systemClock } from '../../src/protocol/index.ts'
import { AgentLink } from '../../src/server/agent-link.ts'
import { Seat } from '../../src/server/seat.ts'
import { settle } from '../support/fake-clock.ts'
import { pair } from '../support/pair.ts'
import { INFO } from './support/client.ts'
import { openHouse } from './support/house.ts'
import { socketOf } from './support/socket.ts'

describe('the same process, connected anew', () => {
  test('wins, and the older connection is closed 4504', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const older = house.connect(credential)
    await older.arrive()
    const newer = house.connect(credential)
    expect(await newer.arrive({ boot: older.boot, dial: 2 })).toMatchObject({ connection: 2 })
    expect(await older.end()).toMatchObject({ code: 4504 })
    expect(await newer.call('health', {})).toEqual({})
  })

  test('is refused 4007 with a dial that is not above the last', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const older = house.connect(credential)
    await older.arrive({ dial: 3 })
    const late = house.connect(credential)
    late.hello({ agent: INFO, boot: older.boot, dial: 3 })
    expect(await late.end()).toMatchObject({ code: 4007 })
    expect(older.ended).toBeUndefined()
  })

  test('leaves a late frame of the old connection without effect', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const older = house.connect(credential)
    await older.arrive()
    const { lease, workflowId } = await house.running(older)
    older.hold(true)
    older.send({ type: 'log', lease, stepId: 's1', from: 1, text: 'late\n', runs: [[1, 0, 'out']] })
    const late = older.call('done', {
      lease,
      state: { started: 1, finished: 2, error: '', canceled: false },
      steps: [],
    })
    const outcome = expect(late).rejects.toMatchObject({ code: 'unavailable' })
    const newer = house.connect(credential)
    const claims = [{ lease, phase: 'running' as const, steps: [{ stepId: 's1', next: 1 }] }]
    expect((await newer.arrive({ boot: older.boot, dial: 2, claims })).claims).toMatchObject([{ verdict: 'keep' }])
    older.hold(false)
    await outcome
    await newer.call('health', {})
    const workflow = await house.show(workflowId)
    expect(workflow).toMatchObject({ state: 'running', steps: [{ lines: 0 }] })
  })
})

describe('another process of the same name', () => {
  test('is told to stay away for a minute while the first still answers', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    const second = house.connect(credential)
    second.hello({ agent: INFO })
    await house.clock.advance(1_000)
    expect(await second.frame('bye')).toMatchObject({ afterMs: 60_000 })
    expect(await second.end()).toMatchObject({ code: 4007 })
    expect(first.server.pings).toBe(1)
    expect(first.ended).toBeUndefined()
    const { agents } = await house.store.listAgents({ limit: 10 })
    expect(agents).toMatchObject([{ state: 'online', conflict: expect.any(Date) }])
  })

  test('is admitted when the first has not answered for 5 s', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    first.server.deaf = true
    const second = house.connect(credential)
    second.hello({ agent: INFO })
    await house.clock.advance(4_800)
    expect(second.all('welcome')).toEqual([])
    await house.clock.advance(400)
    expect(await second.frame('welcome')).toMatchObject({ connection: 2 })
    expect(await first.end()).toMatchObject({ code: 4007 })
  })

  test('is admitted at once when it replaces the first, which may never come back', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    const second = house.connect(credential)
    await second.arrive({ replaces: [first.boot] })
    await first.end()
    const ghost = house.connect(credential)
    ghost.hello({ agent: INFO, boot: first.boot, dial: 2 })
    expect(await ghost.end()).toMatchObject({ code: 4504 })
  })

  test('is admitted at once when the first has left', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    first.cut()
    await first.end()
    const second = house.connect(credential)
    expect(await second.arrive()).toMatchObject({ connection: 2 })
  })
})

describe('a hundred at once', () => {
  test('of one process: the newest is left, and each of the others was closed once', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const dials = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) + 1)
    const clients = dials.map((dial) => {
      const client = house.connect(credential)
      client.hello({ agent: INFO, boot: 'one', dial })
      return client
    })
    await settle()
    const left = clients.filter(({ ended }) => ended === undefined)
    expect(left).toEqual([clients[dials.indexOf(100)]])
    for (const client of clients) if (client !== left[0]) expect([4504, 4007]).toContain(client.ended?.code)
    await house.clock.advance(60_000)
    expect(clients.filter(({ ended }) => ended === undefined)).toHaveLength(1)
    const { agents } = await house.store.listAgents({ limit: 10 })
    expect(agents).toMatchObject([{ state: 'online' }])
    if (left[0] !== undefined) await house.running(left[0])
  })

  test('of one name while the first is frozen: one is let in, the others stay away for a minute', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    first.server.deaf = true
    const clients = Array.from({ length: 100 }, () => {
      const client = house.connect(credential)
      client.hello({ agent: INFO })
      return client
    })
    await house.clock.advance(6_000)
    const left = clients.filter(({ ended }) => ended === undefined)
    expect(left).toHaveLength(1)
    expect(left[0]?.all('welcome')).toHaveLength(1)
    for (const client of clients) {
      if (client === left[0]) continue
      expect(client.all('bye')).toMatchObject([{ afterMs: 60_000 }])
      expect(client.ended).toMatchObject({ code: 4007 })
    }
    expect(first.ended).toMatchObject({ code: 4007 })
  })
})

describe('whether the first still answers', () => {
  test('is not judged while the loop of the server itself stands still', async () => {
    const house = await openHouse()
    const { clock } = house
    let stalledMs = 0
    const stalling = { ...systemClock, monotonic: () => clock.monotonic() + stalledMs, after: clock.after.bind(clock) }
    let bytes = 0
    const port = { ...socketOf(pair()[0]), bytesRead: () => bytes, ping: () => {} }
    const view = { name: 'anvil', labels: {}, capacity: 1 } as AgentView
    const seat = new Seat({ agentId: 'a', connection: 1 }, 'boot', view)
    const core = { ...house.core, clock: stalling }
    const link = new AgentLink({ core, seat, port, send: () => {}, dismiss: () => {} }, [])
    const alive = link.probe(5_000)
    stalledMs = 6_000
    await clock.advance(100)
    // What had waited in the kernel is read only now.
    bytes += 6
    await clock.advance(100)
    expect(await alive).toBe(true)
  })
})

describe('liveness', () => {
  test('gives a silent connection up after 25 s', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    await client.arrive()
    client.server.deaf = true
    await house.clock.advance(20_000)
    expect(client.ended).toBeUndefined()
    await house.clock.advance(8_000)
    expect(client.ended).toBeDefined()
    const { agents } = await house.store.listAgents({ limit: 1 })
    expect(agents).toMatchObject([{ state: 'offline' }])
  })

  test('keeps one that answers its pings', async () => {
    const house = await openHouse()
    const client = house.connect(await house.credential('agent'))
    await client.arrive()
    await house.clock.advance(120_000)
    expect(client.ended).toBeUndefined()
    expect(client.server.pings).toBeGreaterThanOrEqual(7)
  })
})
