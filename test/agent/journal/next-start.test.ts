import { describe, expect, test } from 'vitest'
import { settle } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { ENDED, offer } from '../offers.ts'
import { folder, leftBy } from './folder.ts'
import { begin, entries, linesOf, live, next } from './life.ts'

describe('the next start of an agent that was killed', () => {
  test('replaces it, and claims what was running as interrupted', async () => {
    const life = await live(folder())
    await begin(life, offer('l1', { steps: ['build', 'test'] }))
    const heir = await next(life, 'logs')
    expect(heir.server.last.hello).toMatchObject({
      replaces: [life.journal.boot],
      claims: [{ lease: 'l1', phase: 'interrupted', steps: [] }],
    })
    expect(entries(heir).at(-1)).toBe('gone')
    expect(heir.server.callsOf('done')).toEqual([])
  })

  test('names it until a welcome has come, and not after', async () => {
    const life = await live(folder())
    const deaf = await live(leftBy(life.directory), ({ server }) => {
      server.greets = false
    })
    const third = await live(leftBy(deaf.directory))
    expect(third.server.last.hello?.replaces).toEqual([life.journal.boot, deaf.journal.boot])
    third.server.last.cut()
    await third.clock.advance(21_000)
    expect(third.server.connections).toHaveLength(2)
    expect(third.server.last.hello?.replaces).toBeUndefined()
    const fourth = await live(leftBy(third.directory))
    expect(fourth.server.last.hello?.replaces).toEqual([third.journal.boot])
  })

  test('delivers its result, and its lines, before it asks for work', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    life.server.on('done', () => new Promise(() => {}))
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'one\ntwo\nthree\n' })
    void life.peer.done(work, { ...ENDED, error: 'no compiler' })
    await waitUntil(() => life.server.callsOf('done').length > 0)

    const answers: ((answer: object) => void)[] = []
    const heir = await next(life, 'keep', { build: 1 }, ({ server }) => {
      server.on('done', () => new Promise((answer) => void answers.push(answer)))
    })
    const got = heir.peer.next()
    await waitUntil(() => heir.server.callsOf('done').length > 0)
    await heir.clock.advance(5_000)
    expect(heir.server.callsOf('done').map(({ params }) => params)).toEqual(
      life.server.callsOf('done').map(({ params }) => params),
    )
    expect(heir.server.last.hello?.claims).toMatchObject([{ lease: 'l1', phase: 'done', steps: [{ next: 4 }] }])
    expect(linesOf(heir)).toEqual(['2: two\nthree\n'])
    expect(heir.server.callsOf('next')).toEqual([])
    answers[0]?.({})
    heir.server.offer(offer('l2'))
    expect(await got).toMatchObject({ lease: 'l2' })
    // What has still to be stored holds up nothing.
    expect(entries(heir)).not.toContain('gone')
    heir.server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 3 })
    await settle()
    expect(entries(heir).at(-1)).toBe('gone')
  })

  test('delivers what an interrupted step had said a second before, after what the server has', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    for (const text of ['one\n', 'two\n']) life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text })
    await life.clock.advance(1_000)
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'err', text: 'three\n' })
    await life.clock.advance(1_000)
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'too late\n' })
    const heir = await next(life, 'logs', { build: 1 })
    expect(heir.server.last.hello?.claims).toMatchObject([{ phase: 'interrupted', steps: [{ next: 4 }] }])
    expect(linesOf(heir)).toEqual(['2: two\nthree\n'])
    expect(heir.server.framesOf('log')[0]?.runs.map(([count, , kind]) => [count, kind])).toEqual([
      [1, 'out'],
      [1, 'err'],
    ])
  })

  test('says which lines are gone where the server has fewer than it once had', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'one\ntwo\n' })
    await life.clock.advance(1_000)
    life.server.last.send({ type: 'stored', lease: 'l1', stepId: 'build', upto: 2 })
    await settle()
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'three\n' })
    await life.clock.advance(1_000)
    const heir = await next(life, 'logs')
    expect(heir.server.framesOf('gap')).toMatchObject([{ stepId: 'build', from: 1, to: 2 }])
    expect(linesOf(heir)).toEqual(['3: three\n'])
  })

  test('drops what the server does not know, and says so', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    life.server.on('done', () => new Promise(() => {}))
    void life.peer.done(work, ENDED)
    await waitUntil(() => life.server.callsOf('done').length > 0)
    const heir = await next(life, 'lost')
    await settle()
    expect(entries(heir).at(-1)).toBe('gone')
    expect(heir.server.callsOf('done')).toEqual([])
    expect(heir.lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { lease: 'l1' } }])
    heir.server.offer(offer('l2'))
    expect(await heir.peer.next()).toMatchObject({ lease: 'l2' })
  })

  test('finds what was still owed when its link was closed', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    life.server.on('done', () => new Promise(() => {}))
    void life.peer.done(work, ENDED).catch(() => {})
    await waitUntil(() => life.server.callsOf('done').length > 0)
    await life.peer.close()
    await life.journal.close()
    const heir = await live(life.directory)
    expect(heir.server.last.hello?.claims).toMatchObject([{ lease: 'l1', phase: 'done' }])
  })
})
