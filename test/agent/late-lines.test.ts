import { describe, expect, test } from 'vitest'
import { BusError, LeaseLost, type StepState } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { ENDED, offer } from './offers.ts'
import { accept, connected, reconnect } from './stage.ts'

const running: StepState = { stepId: 'build', state: 'running', started: 1, finished: null, exitCode: null, error: '' }
const lines = (text: string) => ({ stepId: 'build', kind: 'out', text }) as const

describe('lines that are still on their way', () => {
  test('when the welcome says that the result has arrived go on from where the disk ends', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    peer.enqueueLog(work, lines('1\n2\n3'))
    await peer.done(work, ENDED)
    await settle()
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'done', steps: [{ stepId: 'build', upto: 1 }] }] })
    await reconnect({ server, clock })
    expect(server.last.hello?.claims).toEqual([{ lease: 'l1', phase: 'done', steps: [{ stepId: 'build', next: 4 }] }])
    expect(server.framesOf('log').map(({ from, text }) => [from, text])).toEqual([
      [1, '1\n2\n3\n'],
      [2, '2\n3\n'],
    ])
    let delivered = false
    const delivery = peer.delivered().then(() => {
      delivered = true
    })
    await settle()
    expect(delivered).toBe(false)
    server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 3 })
    await delivery
  })

  test('when the welcome gives an unanswered result up go on too, and the result is refused', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.on('done', () => new Promise(() => {}))
    peer.enqueueLog(work, lines('1'))
    const done = expect(peer.done(work, ENDED)).rejects.toBeInstanceOf(LeaseLost)
    await settle()
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'logs', steps: [] }] })
    await reconnect({ server, clock })
    await done
    expect(server.callsOf('done')).toHaveLength(1)
    expect(server.framesOf('log')).toHaveLength(2)
    server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 1 })
    await peer.delivered()
  })

  test('are kept after stale_lease until a verdict says whether anybody wants them', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.on('update', () => {
      throw new BusError('stale_lease', 'not yours')
    })
    await expect(peer.update(work, running)).rejects.toBeInstanceOf(LeaseLost)
    peer.enqueueLog(work, lines('stopping'))
    server.on('extend', () => ({ claims: [{ lease: 'l1', verdict: 'logs' }] }))
    await peer.done(work, ENDED)
    await clock.advance(200)
    expect(server.callsOf('extend').map(({ params }) => params)).toEqual([
      { leases: [{ lease: 'l1', phase: 'fenced' }] },
    ])
    expect(server.framesOf('log').map(({ text }) => text)).toEqual(['stopping\n'])
  })

  test('are forgotten once the server says that nobody does', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    peer.enqueueLog(work, lines('1'))
    server.welcome = () => ({ claims: [{ lease: 'l1', verdict: 'lost', steps: [] }] })
    await reconnect({ server, clock })
    await peer.done(work, ENDED)
    await peer.delivered()
    expect(server.last.heard).not.toContain('log')
  })
})

describe('a step that the workflow does not have', () => {
  test('is refused here: the server would take the lease for another', async () => {
    const { peer, server, clock, lines: said } = await connected()
    const work = await accept(peer, server, offer('l1'))
    await expect(peer.update(work, { ...running, stepId: 'bild' })).rejects.toMatchObject({ code: 'bad_request' })
    peer.enqueueLog(work, { stepId: 'bild', kind: 'out', text: 'lost' })
    await clock.advance(1_000)
    expect(said.at(-1)).toMatchObject({ level: 'warn', fields: { stepId: 'bild' } })
    expect(server.framesOf('log')).toEqual([])
    await peer.done(work, ENDED)
    await peer.delivered()
  })
})
