import { describe, expect, test } from 'vitest'
import { LeaseLost } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { ENDED, offer } from './offers.ts'
import { accept, connected, reconnect } from './stage.ts'

const cancel = {
  type: 'cancel',
  workflowId: 'w-l1',
  lease: 'l1',
  revision: 1,
  reason: 'enough',
  graceMs: 7_000,
} as const
const revoke = { type: 'revoke', workflowId: 'w-l1', lease: 'l1', revision: 2, reason: 'removed' } as const

describe('a cancel that the server pushes', () => {
  test('ends the wait without any request, and is receipted as it proceeds', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const wait = peer.wait(work)
    const asked = server.calls.length
    server.last.send(cancel)
    expect(await wait).toEqual({ canceled: true, reason: 'enough', graceMs: 7_000 })
    await settle()
    expect(server.calls).toHaveLength(asked)
    await peer.done(work, { ...ENDED, canceled: true })
    expect(server.framesOf('receipt').map(({ revision, phase }) => [revision, phase])).toEqual([
      [1, 'received'],
      [1, 'stopping'],
      [1, 'stopped'],
    ])
    expect(server.last.heard.slice(-2)).toEqual(['receipt', 'done l1'])
  })

  test('is acted on once and receipted each time, as far as it has come', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    let stops = 0
    const waiting = peer.wait(work).then(() => stops++)
    server.last.send(cancel)
    await waiting
    server.last.send({ ...cancel, reason: 'again' })
    server.last.send({ ...cancel, revision: 2 })
    await settle()
    expect(await peer.wait(work)).toMatchObject({ reason: 'enough' })
    expect(stops).toBe(1)
    const phases = server.framesOf('receipt').map(({ revision, phase }) => `${revision} ${phase}`)
    expect(phases).toEqual(['1 received', '1 stopping', '1 stopping', '2 stopping'])
  })

  test('before anybody waits is told to whoever waits later', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.last.send(cancel)
    await settle()
    expect(server.framesOf('receipt').map(({ phase }) => phase)).toEqual(['received'])
    expect(await peer.wait(work)).toMatchObject({ canceled: true })
    await settle()
    expect(server.framesOf('receipt').map(({ phase }) => phase)).toEqual(['received', 'stopping'])
  })

  test('for a lease nobody holds here is receipted as stopped', async () => {
    const { server } = await connected()
    server.last.send({ ...cancel, lease: 'gone', revision: 9 })
    await settle()
    expect(server.framesOf('receipt')).toEqual([{ type: 'receipt', lease: 'gone', revision: 9, phase: 'stopped' }])
  })

  test('comes as a verdict when the connection was away', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const wait = peer.wait(work)
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'cancel', steps: [] }] })
    await reconnect({ server, clock })
    expect(await wait).toMatchObject({ canceled: true, graceMs: 10_000 })
    await clock.advance(20_000)
    expect(server.callsOf('extend')[0]?.params).toEqual({ leases: [{ lease: 'l1', phase: 'stopping' }] })
    await peer.done(work, { ...ENDED, canceled: true })
    expect(server.callsOf('done')).toHaveLength(1)
  })
})

describe('a revoke', () => {
  test('ends the lease: nothing is reported, the lines written so far still arrive', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const wait = expect(peer.wait(work)).rejects.toBeInstanceOf(LeaseLost)
    peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'so far' })
    server.last.send(revoke)
    await wait
    peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'stopping' })
    server.on('extend', () => ({ claims: [{ lease: 'l1', verdict: 'logs' }] }))
    // Said before the work has settled, the server could not tell how many lines to wait for.
    await clock.advance(60_000)
    expect(server.callsOf('extend')).toHaveLength(0)
    await peer.done(work, ENDED)
    await clock.advance(1_000)
    expect(server.callsOf('done')).toHaveLength(0)
    expect(server.framesOf('receipt').map(({ phase }) => phase)).toEqual(['received', 'stopping', 'stopped'])
    expect(server.framesOf('log').map(({ text }) => text)).toEqual(['so far\nstopping\n'])
    expect(server.callsOf('extend').at(-1)?.params).toEqual({ leases: [{ lease: 'l1', phase: 'fenced' }] })
    server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 2 })
    await peer.delivered()
  })
})

describe('a wait', () => {
  test('ends with done, and says nothing when it is given up', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const wait = peer.wait(work)
    const controller = new AbortController()
    const given = peer.wait(work, { signal: controller.signal })
    controller.abort()
    expect(await given).toEqual({ canceled: false, aborted: true })
    await peer.done(work, ENDED)
    expect(await wait).toEqual({ canceled: false })
  })
})

describe('next', () => {
  test('aborted, answers null and takes nothing', async () => {
    const { peer, server } = await connected()
    const controller = new AbortController()
    const next = peer.next({}, { signal: controller.signal })
    await settle()
    controller.abort()
    expect(await next).toBeNull()
    server.offer(offer('l1'))
    expect((await peer.next())?.lease).toBe('l1')
  })

  test('gives back an offer that crosses its abort', async () => {
    const { peer, server } = await connected()
    const controller = new AbortController()
    server.on(
      'next',
      (call) => new Promise((resolve) => call.signal.addEventListener('abort', () => resolve(offer('l1')))),
    )
    const next = peer.next({}, { signal: controller.signal })
    await settle()
    controller.abort()
    expect(await next).toBeNull()
    await settle()
    expect(server.callsOf('decline').map(({ params }) => params)).toMatchObject([{ lease: 'l1' }])
  })

  test('is asked again on the next connection', async () => {
    const { peer, server, clock } = await connected()
    const next = peer.next({ labels: { gpu: 'yes' } })
    await settle()
    await reconnect({ server, clock })
    server.offer(offer('l2'))
    expect((await next)?.lease).toBe('l2')
    expect(server.callsOf('next').map(({ params }) => params)).toEqual([
      { labels: { gpu: 'yes' } },
      { labels: { gpu: 'yes' } },
    ])
  })
})
