import { describe, expect, test } from 'vitest'
import type { Listener } from '../../src/client/index.ts'
import { BusError, type FeedData, type ParamsOf } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { workflow } from './views.ts'
import { World } from './world.ts'

const seen = (id: string, version: number): FeedData => ({ kind: 'workflow', workflow: workflow({ id, version }) })
const snapshot = (offset: number, ...page: FeedData[]) => ({ epoch: 'e', offset, page, snapshot: true })
const missed = (offset: number, ...page: FeedData[]) => ({ epoch: 'e', offset, page, snapshot: false })

/** Writes down what it hears: `id@version`, and the rest by its name. */
function ear(): Required<Listener> & { readonly heard: string[] } {
  const heard: string[] = []
  return {
    heard,
    onSnapshot: () => void heard.push('snapshot'),
    onResumed: (events) => void heard.push(`resumed ${events}`),
    onMissed: (reason) => void heard.push(`missed: ${reason}`),
    onEnd: ({ code }) => void heard.push(`end: ${code}`),
    onData: (data) => void heard.push(data.kind === 'workflow' ? `${data.workflow.id}@${data.workflow.version}` : '?'),
  }
}

const asked = (world: World) =>
  world.ends.flatMap(({ calls }) => calls.filter(({ method }) => method === 'subscribe')).map(({ params }) => params)
const resumes = (world: World) => asked(world).map((params) => (params as ParamsOf<'subscribe'>).resume)

async function cut(world: World): Promise<void> {
  world.last.port.cut()
  await world.clock.advance(1_000)
}

describe('a subscription whose connection was lost', () => {
  test('goes on where it stopped, hears what it missed, and goes on from there the next time', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(0, seen('w1', 1)) }
    const client = await world.client()
    const listener = ear()
    await client.subscribe('workflows', listener)
    world.last.event('workflows', seen('w1', 2))
    await settle()
    world.script = { subscribe: () => missed(3, seen('w1', 3), seen('w2', 1)) }
    await cut(world)
    expect(listener.heard).toEqual(['snapshot', 'w1@1', 'w1@2', 'w1@3', 'w2@1', 'resumed 2'])
    world.script = { subscribe: () => missed(3) }
    await cut(world)
    expect(listener.heard.slice(6)).toEqual(['resumed 0'])
    expect(resumes(world)).toEqual([undefined, { epoch: 'e', offset: 1 }, { epoch: 'e', offset: 3 }])
    client.close()
  })

  test('begins anew where the server knows no more, and goes on from that', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(7, seen('w1', 1)) }
    const client = await world.client()
    const listener = ear()
    await client.subscribe('workflows', listener)
    world.script = { subscribe: () => ({ ...snapshot(2, seen('w2', 1)), epoch: 'another' }) }
    await cut(world)
    expect(listener.heard).toEqual(['snapshot', 'w1@1', 'snapshot', 'w2@1'])
    await cut(world)
    expect(resumes(world).slice(1)).toEqual([
      { epoch: 'e', offset: 7 },
      { epoch: 'another', offset: 2 },
    ])
    client.close()
  })

  test('hears nothing older than the snapshot had told, also in what it missed and after', async () => {
    const world = new World()
    // The snapshot was read late: events up to version 5 are still to come.
    world.script = { subscribe: () => snapshot(1, seen('w1', 5), seen('w2', 2)) }
    const client = await world.client()
    const listener = ear()
    await client.subscribe('workflows', listener)
    world.script = { subscribe: () => missed(4, seen('w1', 4), seen('w3', 1)) }
    await cut(world)
    for (const data of [seen('w1', 5), seen('w2', 1), seen('w1', 6)]) world.last.event('workflows', data)
    await settle()
    expect(listener.heard.slice(3)).toEqual(['w3@1', 'resumed 1', 'w1@6'])
    client.close()
  })

  test('of lines never goes on by offset: it says that lines may be missing', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(3) }
    const client = await world.client()
    const listener = ear()
    await client.subscribe('logs/w1', listener)
    await cut(world)
    expect(resumes(world)).toEqual([undefined, undefined])
    expect(listener.heard).toEqual(['missed: a new connection'])
    client.close()
  })

  test('keeps its place when the next connection is lost before it was answered', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(5) }
    const client = await world.client(300_000)
    const listener = ear()
    await client.subscribe('workflows', listener)
    world.script = { subscribe: () => new Promise(() => {}) }
    world.last.port.cut()
    await world.clock.advance(6_000)
    world.script = { subscribe: () => missed(6, seen('w1', 1)) }
    world.last.port.cut()
    await world.clock.advance(6_000)
    expect(resumes(world).slice(1)).toEqual([
      { epoch: 'e', offset: 5 },
      { epoch: 'e', offset: 5 },
    ])
    expect(listener.heard).toEqual(['snapshot', 'w1@1', 'resumed 1'])
    client.close()
  })

  test('is told again what it threw at', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(0) }
    const client = await world.client()
    const { heard, ...rest } = ear()
    const onData = (data: FeedData) => {
      rest.onData(data)
      if (heard.length === 3) throw new Error('a bug')
    }
    await client.subscribe('workflows', { ...rest, onData })
    world.script = { subscribe: () => missed(2, seen('w1', 2)) }
    for (const version of [1, 2]) world.last.event('workflows', seen('w1', version))
    await world.clock.advance(1_000)
    expect(resumes(world)[1]).toEqual({ epoch: 'e', offset: 1 })
    expect(heard).toEqual(['snapshot', 'w1@1', 'w1@2', 'w1@2', 'resumed 1'])
    client.close()
  })

  test('begins anew when it had just been too slow', async () => {
    const world = new World()
    let answer = (): ReturnType<typeof snapshot> | Promise<never> => snapshot(0)
    world.script = { subscribe: () => answer() }
    const client = await world.client()
    await client.subscribe('workflows', ear())
    answer = () => new Promise(() => {})
    world.last.missed('workflows')
    await settle()
    await cut(world)
    expect(resumes(world)).toEqual([undefined, undefined, undefined])
    client.close()
  })

  test('has a place of its own beside another of the same topic', async () => {
    const world = new World()
    let answer = snapshot(0)
    world.script = { subscribe: () => answer }
    const client = await world.client()
    const [first, second] = [ear(), ear()]
    await client.subscribe('workflows', first)
    world.last.event('workflows', seen('w1', 1))
    await settle()
    answer = snapshot(1, seen('w1', 1))
    const later = await client.subscribe('workflows', second)
    world.last.event('workflows', seen('w1', 2))
    await settle()
    answer = missed(3, seen('w1', 3))
    await cut(world)
    expect(resumes(world).slice(2)).toEqual(Array(2).fill({ epoch: 'e', offset: 2 }))
    expect(first.heard).toEqual(['snapshot', 'w1@1', 'w1@2', 'w1@3', 'resumed 1'])
    expect(second.heard).toEqual(['snapshot', 'w1@1', 'w1@2', 'w1@3', 'resumed 1'])
    later.close()
    world.last.event('workflows', seen('w1', 4))
    await settle()
    expect(first.heard.at(-1)).toBe('w1@4')
    expect(second.heard.at(-1)).toBe('resumed 1')
    client.close()
  })

  test('hears that what it was about is gone, and the others go on', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(1) }
    const client = await world.client()
    const [gone, stays] = [ear(), ear()]
    await client.subscribe('workflow/w1', gone)
    await client.subscribe('workflows', stays)
    const subscribe = ({ topic }: ParamsOf<'subscribe'>) => {
      if (topic === 'workflow/w1') throw new BusError('not_found', 'there is no workflow w1')
      return missed(1)
    }
    world.script = { subscribe }
    await cut(world)
    await cut(world)
    expect(gone.heard).toEqual(['snapshot', 'end: not_found'])
    expect(stays.heard).toEqual(['snapshot', 'resumed 0', 'resumed 0'])
    client.close()
  })

  test('that is ended while it is told what it missed hears no more, and the server is told', async () => {
    const world = new World()
    world.script = { subscribe: () => snapshot(0, seen('w1', 1)) }
    const client = await world.client()
    const { heard, ...rest } = ear()
    const onData = (data: FeedData) => {
      rest.onData(data)
      if (heard.length === 3) subscription.close()
    }
    const subscription = await client.subscribe('workflows', { ...rest, onData })
    world.script = { subscribe: () => missed(2, seen('w1', 2), seen('w2', 1)) }
    await cut(world)
    expect(heard).toEqual(['snapshot', 'w1@1', 'w1@2'])
    expect([...world.last.subscriptions]).toEqual([])
    client.close()
  })
})

test('a subscription that cannot be made anew after a miss is over', async () => {
  const world = new World()
  let there = true
  const gone = new BusError('not_found', 'there is no workflow w1')
  world.script = { subscribe: () => (there ? snapshot(1) : Promise.reject(gone)) }
  const client = await world.client()
  const listener = ear()
  await client.subscribe('workflow/w1', listener)
  there = false
  world.last.missed('workflow/w1')
  await settle()
  expect(listener.heard).toEqual(['snapshot', 'end: not_found'])
  client.close()
})
