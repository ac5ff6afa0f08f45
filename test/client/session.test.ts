import { describe, expect, test } from 'vitest'
import { openClient } from '../../src/client/index.ts'
import { CloseError, type FeedData } from '../../src/protocol/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { pair } from '../support/pair.ts'
import { connectTo, ServerEnd } from './scripted-server.ts'
import { lines, workflow } from './views.ts'

const seen = (id: string, version: number): FeedData => ({ kind: 'workflow', workflow: workflow({ id, version }) })

describe('openClient', () => {
  test('shakes hands as an operator and knows the server', async () => {
    const { port, end } = connectTo({})
    const client = await openClient(port)
    expect(client.server).toEqual({ id: 'server-1', version: '9.9.9' })
    expect(end.heard[0]).toMatchObject({ type: 'hello', versions: [1], dial: 1, claims: [] })
    expect(end.heard[0]).not.toHaveProperty('agent')
  })

  test('rejects with the close code when the server refuses', async () => {
    const [port, far] = pair()
    const end = new ServerEnd(far, {}, undefined, false)
    const opening = openClient(port)
    end.channel.close(4501, 'revoked')
    await expect(opening).rejects.toEqual(new CloseError(4501, 'revoked'))
  })

  test('rejects when no welcome comes, and leaves no timer', async () => {
    const clock = new FakeClock()
    const [port] = pair()
    const opening = openClient(port, { clock, welcomeMs: 3000 })
    const refused = expect(opening).rejects.toMatchObject({ code: 'deadline' })
    await clock.advance(3000)
    await refused
    expect(clock.pending).toBe(0)
  })
})

describe('calls', () => {
  test('carry a key exactly when they change something, a new one each', async () => {
    const { port, end } = connectTo({ 'queue.pause': () => ({}), agents: () => ({ agents: [], next: null }) })
    const client = await openClient(port)
    await client.call('queue.pause', {})
    await client.call('queue.pause', {})
    await client.call('agents', {})
    const [first, second, third] = end.calls.map(({ key }) => key)
    expect(first).toMatch(/^[\w-]{8,}$/)
    expect(second).not.toBe(first)
    expect(third).toBeUndefined()
  })

  test('bring dates back as dates', async () => {
    const { port } = connectTo({ get: () => workflow({ created: new Date(5) }) })
    const client = await openClient(port)
    expect((await client.call('get', { id: 'w1' })).created).toEqual(new Date(5))
  })

  test('reject once the connection is gone', async () => {
    const { port, end } = connectTo({ get: () => new Promise(() => {}) })
    const client = await openClient(port)
    const call = client.call('get', { id: 'w1' })
    await settle()
    end.port.cut()
    await expect(call).rejects.toMatchObject({ code: 'unavailable', outcome: 'unknown' })
    expect(await client.closed).toMatchObject({ code: 1006 })
  })
})

describe('subscriptions', () => {
  test('deliver the snapshot first, then what came after it, in order', async () => {
    const { port } = connectTo({
      subscribe: ({ topic }, end) => {
        // Events may overtake the answer: one is in the snapshot already, one is not.
        end.event(topic, seen('w1', 1))
        end.event(topic, seen('w1', 3))
        return { epoch: 'e', offset: 1, page: [seen('w1', 2)], snapshot: true }
      },
    })
    const client = await openClient(port)
    const versions: number[] = []
    await client.subscribe('workflows', {
      onData: (data) => void (data.kind === 'workflow' && versions.push(data.workflow.version)),
    })
    await settle()
    expect(versions).toEqual([2, 3])
  })

  test('of states get a new snapshot after a miss, under a new name', async () => {
    let version = 0
    const { port, end } = connectTo({
      subscribe: () => ({ epoch: 'e', offset: 9, page: [seen('w1', ++version)], snapshot: true }),
    })
    const client = await openClient(port)
    const versions: number[] = []
    await client.subscribe('workflows', {
      onData: (data) => void (data.kind === 'workflow' && versions.push(data.workflow.version)),
    })
    end.missed('workflows')
    await settle()
    expect(versions).toEqual([1, 2])
    expect([...end.subscriptions.values()]).toEqual(['workflows'])
    expect(new Set(end.calls.filter(({ method }) => method === 'subscribe').map(({ params }) => params)).size).toBe(2)
  })

  test('of logs say that something was missed', async () => {
    const { port, end } = connectTo({})
    const client = await openClient(port)
    const heard: string[] = []
    await client.subscribe('logs/w1', {
      onData: (data) => void (data.kind === 'log' && heard.push(`${data.part.from}-${data.part.to}`)),
      onMissed: (reason) => void heard.push(reason),
    })
    end.event('logs/w1', { kind: 'log', attempt: 1, part: lines('s1', 1, 2) })
    end.missed('logs/w1')
    await settle()
    expect(heard).toEqual(['1-2', 'too slow'])
  })

  test('say when a snapshot begins, and nothing older than what it told', async () => {
    const { port, end } = connectTo({
      subscribe: () => ({ epoch: 'e', offset: 0, page: [seen('w1', 5)], snapshot: true }),
    })
    const client = await openClient(port)
    const told: string[] = []
    await client.subscribe('workflows', {
      onSnapshot: () => void told.push('snapshot'),
      onData: (data) => void (data.kind === 'workflow' && told.push(`${data.workflow.id} ${data.workflow.version}`)),
    })
    for (const [id, version] of [
      ['w1', 4],
      ['w2', 1],
      ['w1', 5],
      ['w1', 6],
    ] as const)
      end.event('workflows', seen(id, version))
    await settle()
    expect(told).toEqual(['snapshot', 'w1 5', 'w2 1', 'w1 6'])
    end.missed('workflows')
    await settle()
    expect(told.slice(4)).toEqual(['snapshot', 'w1 5'])
  })

  test('of lines have no snapshot', async () => {
    const { port, end } = connectTo({})
    const client = await openClient(port)
    const told: string[] = []
    await client.subscribe('logs/w1', {
      onSnapshot: () => void told.push('snapshot'),
      onData: ({ kind }) => void told.push(kind),
    })
    for (const from of [1, 1]) end.event('logs/w1', { kind: 'log', attempt: 1, part: lines('s1', from, from) })
    await settle()
    expect(told).toEqual(['log', 'log'])
  })

  test('end quietly when closed, and with a reason when the connection goes', async () => {
    const { port, end } = connectTo({})
    const client = await openClient(port)
    const heard: string[] = []
    const listener = (name: string) => ({
      onData: () => void heard.push(name),
      onEnd: () => void heard.push(`${name} ended`),
    })
    const first = await client.subscribe('workflows', listener('first'))
    await client.subscribe('queue', listener('second'))
    first.close()
    end.event('workflows', seen('w1', 1))
    await settle()
    end.port.cut()
    await client.closed
    expect(heard).toEqual(['second ended'])
  })
})
