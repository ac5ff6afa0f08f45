import { describe, expect, test } from 'vitest'
import { BusError, LeaseLost, type StepState } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { BEGUN, ENDED, offer } from './offers.ts'
import { accept, connected, reconnect } from './stage.ts'

const never = () => new Promise<never>(() => {})
const started: StepState = { stepId: 'build', state: 'running', started: 1, finished: null, exitCode: null, error: '' }
const succeeded: StepState = { ...started, state: 'success', finished: 2, exitCode: 0 }

describe('reports that a lost connection cut off', () => {
  test('are sent again in order, before anything new', async () => {
    const { peer, server, clock } = await connected()
    await accept(peer, server, offer('l1', { steps: ['build', 'test'] }))
    server.on('update', never)
    server.on('done', never)
    const first = peer.update({ workflowId: 'w-l1', lease: 'l1' }, started)
    const second = peer.update({ workflowId: 'w-l1', lease: 'l1' }, succeeded)
    await settle()
    server.last.cut()
    await settle()
    const third = peer.update({ workflowId: 'w-l1', lease: 'l1' }, { ...started, stepId: 'test' })
    const asking = peer.next()
    server.on('update', () => ({}))
    await clock.advance(21_000)
    await Promise.all([first, second, third])
    expect(server.last.heard.slice(0, 5)).toEqual(['hello', 'update l1', 'update l1', 'update l1', 'next'])
    const updates = server.callsOf('update').filter(({ connection }) => connection === 2)
    expect(updates.map(({ params }) => params)).toMatchObject([
      { seq: 1, step: { stepId: 'build', state: 'running' } },
      { seq: 2, step: { stepId: 'build', state: 'success' } },
      { seq: 1, step: { stepId: 'test' } },
    ])
    server.offer(offer('l2'))
    expect((await asking)?.lease).toBe('l2')
  })

  test('an init whose answer was lost is asked again, and answered once to its caller', async () => {
    const { peer, server, clock } = await connected()
    server.offer(offer('l1'))
    const work = await peer.next()
    server.on('init', (_call, at) => (at.number === 1 ? never() : { secrets: { TOKEN: 'value' } }))
    const accepted = peer.init(work ?? offer('l1'), BEGUN)
    await settle()
    await reconnect({ server, clock })
    expect(await accepted).toEqual({ secrets: { TOKEN: 'value' } })
    expect(server.callsOf('init')).toHaveLength(2)
    expect(server.last.hello?.claims).toEqual([{ lease: 'l1', phase: 'accepting', steps: [] }])
  })

  test('a done that had arrived counts as success', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.on('done', (_call, at) => {
      if (at.number === 1) return never()
      throw new BusError('already_done', 'it was')
    })
    const done = peer.done(work, ENDED)
    await settle()
    await reconnect({ server, clock })
    await done
    expect(await peer.wait(work)).toEqual({ canceled: false })
    expect(server.callsOf('done')).toHaveLength(2)
  })

  test('a done that the welcome calls done is not sent again', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.on('done', never)
    const done = peer.done(work, ENDED)
    await settle()
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'done', steps: [] }] })
    await reconnect({ server, clock })
    await done
    expect(server.callsOf('done')).toHaveLength(1)
  })
})

describe('reports that the server cannot take now', () => {
  test('are tried again when it says so, and the later ones of that lease wait', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    let busy = true
    server.on('update', () => {
      if (busy) throw new BusError('busy', 'full', { retryAfterMs: 3_000 })
      return {}
    })
    const first = peer.update(work, started)
    await settle()
    const done = peer.done(work, ENDED)
    await clock.advance(2_900)
    expect(server.callsOf('done')).toHaveLength(0)
    busy = false
    await clock.advance(200)
    await Promise.all([first, done])
    expect(server.last.heard.filter((what) => what.endsWith('l1')).slice(-3)).toEqual([
      'update l1',
      'update l1',
      'done l1',
    ])
  })

  test('are given up when it says never', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.on('update', () => {
      throw new BusError('bad_request', 'no such step')
    })
    await expect(peer.update(work, started)).rejects.toMatchObject({ code: 'bad_request' })
    await peer.done(work, ENDED)
  })
})

describe('a lease that is lost', () => {
  test('at the welcome ends the wait, refuses reports, and done sends nothing', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const wait = peer.wait(work)
    server.on('update', never)
    const update = peer.update(work, started)
    const lost = expect(update).rejects.toBeInstanceOf(LeaseLost)
    const ended = expect(wait).rejects.toBeInstanceOf(LeaseLost)
    await settle()
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'lost', steps: [] }] })
    await reconnect({ server, clock })
    await lost
    await ended
    await expect(peer.update(work, started)).rejects.toBeInstanceOf(LeaseLost)
    await peer.done(work, ENDED)
    await clock.advance(60_000)
    expect(server.callsOf('done')).toHaveLength(0)
    expect(server.callsOf('update')).toHaveLength(1)
  })

  test('by stale_lease as an answer, too', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const ended = expect(peer.wait(work)).rejects.toBeInstanceOf(LeaseLost)
    server.on('update', () => {
      throw new BusError('stale_lease', 'not yours')
    })
    await expect(peer.update(work, started)).rejects.toBeInstanceOf(LeaseLost)
    await ended
    await peer.done(work, ENDED)
    expect(server.callsOf('done')).toHaveLength(0)
  })

  test('an offer that has lapsed cannot be accepted', async () => {
    const { peer, server, clock } = await connected()
    server.offer(offer('l1'))
    const work = await peer.next()
    await reconnect({ server, clock })
    await expect(peer.init(work ?? offer('l1'), BEGUN)).rejects.toBeInstanceOf(LeaseLost)
    expect(server.callsOf('init')).toHaveLength(0)
  })
})

describe('what a result says', () => {
  test('each step as it was last reported, its lines, and those that never ran', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1', { steps: ['build', 'test', 'deploy'] }))
    await peer.update(work, started)
    peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'a\nb\n' })
    await peer.update(work, succeeded)
    await peer.update(work, { ...started, stepId: 'test' })
    await peer.done(work, { ...ENDED, canceled: true })
    expect(server.callsOf('done')[0]?.params).toMatchObject({
      lease: 'l1',
      state: { canceled: true },
      steps: [
        { stepId: 'build', state: 'success', exitCode: 0, lines: 2 },
        { stepId: 'test', state: 'canceled', lines: 0 },
        { stepId: 'deploy', state: 'canceled', started: null, lines: 0 },
      ],
    })
  })

  test('no error shows a secret', async () => {
    const { peer, server } = await connected()
    server.on('init', () => ({ secrets: { TOKEN: 'hunter22' } }))
    const work = await accept(peer, server, offer('l1'))
    await peer.update(work, { ...started, state: 'failure', error: 'login with hunter22 failed' })
    await peer.done(work, { ...ENDED, error: 'hunter22 is wrong' })
    expect(JSON.stringify(server.calls)).not.toContain('hunter22')
    expect(JSON.stringify(server.calls)).toContain('login with ******** failed')
  })
})
