import { describe, expect, test, vi } from 'vitest'
import { dialClient, followLogs } from '../../src/client/node.ts'
import { BusError } from '../../src/protocol/index.ts'
import { DialError } from '../../src/socket/index.ts'
import { settle } from '../support/fake-clock.ts'
import { lines, step, workflow } from './views.ts'
import { World } from './world.ts'

const gone = new DialError('cannot reach http://here: connection refused')

describe('dialClient', () => {
  test('gives up after ten seconds without a server, having said so once', async () => {
    const world = new World()
    world.script = gone
    const refused = expect(world.client()).rejects.toMatchObject({ code: 'unavailable', message: gone.message })
    await world.clock.advance(9_000)
    expect(world.dials).toBeGreaterThan(4)
    await world.clock.advance(1_000)
    await refused
    expect(world.outages).toEqual([gone.message])
    expect(world.clock.pending).toBe(0)
  })

  test('does not try again when the server itself refuses the credential', async () => {
    const world = new World()
    world.script = new DialError('no', { status: 401, drumline: true })
    await expect(world.client()).rejects.toMatchObject({ code: 'forbidden', retry: 'reauth' })
    expect(world.dials).toBe(1)
  })

  test('does not try again when somebody has to mend something first, unless it was connected before', async () => {
    const world = new World()
    world.script = new DialError('the certificate has expired', { lasting: true })
    await expect(world.client()).rejects.toMatchObject({ code: 'unavailable', message: 'the certificate has expired' })
    expect(world.dials).toBe(1)
    const broken = world.script
    const patient = dialClient({
      url: 'http://here',
      token: 't',
      clock: world.clock,
      dial: world.dial,
      giveUpMs: Infinity,
    })
    await world.clock.advance(6_000)
    expect(world.dials).toBeGreaterThan(1)
    world.script = {}
    await world.clock.advance(30_000)
    const afterLong = await patient
    afterLong.close()
    world.script = {}
    const client = await world.client()
    world.script = broken
    world.last.port.cut()
    const answer = expect(client.call('queue.pause', {})).resolves.toBeDefined()
    await world.clock.advance(3_000)
    world.script = { 'queue.pause': () => ({}) }
    await world.clock.advance(6_000)
    await answer
  })

  test('tries again when a proxy answers', async () => {
    const world = new World()
    world.script = new DialError('a proxy', { status: 401 })
    const opening = world.client()
    await world.clock.advance(300)
    world.script = {}
    await world.clock.advance(3_000)
    await opening
  })

  test('sends a cut call again with the key it had', async () => {
    const world = new World()
    world.script = { 'queue.pause': () => new Promise(() => {}) }
    const client = await world.client()
    const call = client.call('queue.pause', {})
    await settle()
    world.script = { 'queue.pause': () => ({}) }
    world.last.port.cut()
    await world.clock.advance(1_000)
    await call
    const keys = world.ends.flatMap(({ calls }) => calls.map(({ key }) => key))
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
  })

  test('does not send again what the server has refused', async () => {
    const world = new World()
    world.script = { get: () => Promise.reject(new BusError('unavailable', 'the store is away')) }
    const client = await world.client()
    await expect(client.call('get', { id: 'x' })).rejects.toMatchObject({ message: 'the store is away' })
    expect(world.last.calls).toHaveLength(1)
  })

  test('rejects what waits when no server comes back in time', async () => {
    const world = new World()
    world.script = { get: () => new Promise(() => {}) }
    const client = await world.client()
    const ends: string[] = []
    await client.subscribe('queue', { onData: () => {}, onEnd: ({ code }) => void ends.push(code) })
    const refused = expect(client.call('get', { id: 'x' })).rejects.toMatchObject({ code: 'unavailable' })
    world.script = gone
    await settle()
    world.last.port.cut()
    await world.clock.advance(10_000)
    await refused
    expect(ends).toEqual(['unavailable'])
    expect((await client.closed).code).toBe(1006)
  })

  test('waits longer for a server that was there before, when told to', async () => {
    const world = new World()
    world.script = { get: ({ id }) => workflow({ id }) }
    const client = await world.client(60_000)
    world.script = gone
    world.last.port.cut()
    const found = client.call('get', { id: 'x' })
    await world.clock.advance(50_000)
    world.script = { get: ({ id }) => workflow({ id }) }
    await world.clock.advance(5_000)
    expect(await found).toMatchObject({ id: 'x' })
    client.close()
  })

  test('comes at once when its slot has come, and later when the server says so', async () => {
    const world = new World()
    const client = await world.client(300_000)
    world.script = new DialError('draining', { status: 503, drumline: true, retryAfterMs: 9_000 })
    world.last.channel.send({ type: 'bye', afterMs: 0, reason: 'restarting' })
    world.last.channel.close(1012, 'restarting')
    await world.clock.advance(0)
    expect(world.dials).toBe(2)
    await world.clock.advance(8_999)
    expect(world.dials).toBe(2)
    world.script = {}
    await world.clock.advance(1)
    expect(world.dials).toBe(3)
    await settle()
    expect(world.outages).toEqual([])
    client.close()
  })

  test('many that lose a server do not come back together', async () => {
    const random = vi.spyOn(Math, 'random')
    const waits: number[] = []
    for (const part of [0.1, 0.5, 0.9]) {
      const world = new World()
      const client = await world.client(300_000)
      random.mockReturnValue(part)
      world.last.port.cut()
      await settle()
      while (world.dials < 2) await world.clock.advance(100)
      waits.push(Math.round(world.clock.monotonic() / 1000))
      client.close()
    }
    expect(waits).toEqual([1, 3, 5])
  })

  test('stays away after a close that says so', async () => {
    const world = new World()
    const client = await world.client()
    world.last.channel.close(4501, 'revoked')
    expect(await client.closed).toEqual({ code: 4501, reason: 'revoked' })
    await expect(client.call('agents', {})).rejects.toMatchObject({ code: 'forbidden' })
    expect(world.dials).toBe(1)
  })

  test('close ends everything and leaves no timer', async () => {
    const world = new World()
    const client = await world.client()
    client.close()
    expect((await client.closed).code).toBe(1000)
    await world.clock.advance(30_000)
    expect(world.dials).toBe(1)
    expect(world.clock.pending).toBe(0)
  })

  test('a followed log goes on over a new connection without a hole or a repeat', async () => {
    const world = new World()
    const stored = [lines('s1', 1, 2)]
    world.script = {
      subscribe: ({ topic }) => {
        const page = topic.startsWith('workflow/') ? [{ kind: 'workflow' as const, workflow: detail }] : []
        return { epoch: 'e', offset: 0, page, snapshot: true }
      },
      logs: ({ after = '0' }) => {
        const parts = stored.slice(Number(after))
        return {
          attempt: 1,
          lease: 'lease-1',
          parts,
          next: String(stored.length),
          more: false,
          state: 'open',
          missing: [],
        }
      },
    }
    let detail = workflow()
    const client = await world.client()
    const got: string[] = []
    const run = async () => {
      for await (const { part } of followLogs(client, 'w1', { clock: world.clock })) got.push(`${part.from}-${part.to}`)
    }
    const ended = run()
    await settle()
    world.last.port.cut()
    stored.push(lines('s1', 3, 4))
    await world.clock.advance(1_000)
    expect(got).toEqual(['1-2', '3-4'])
    detail = workflow({ version: 2, state: 'success', logs: 'complete', steps: [step('s1', { lines: 4 })] })
    world.last.event('workflow/w1', { kind: 'workflow', workflow: detail })
    await ended
    expect(got).toEqual(['1-2', '3-4'])
  })
})
