import { describe, expect, test } from 'vitest'
import { SHAPE } from '../../src/protocol/index.ts'
import { begin } from './http/work.ts'

describe('reading a log over the bus', () => {
  test('from a line on takes a window of so many bytes', async () => {
    const { front, work } = await begin()
    const viewer = await front.house.operator()
    const line = 'x'.repeat(999)
    for (let at = 1; at <= 30; at++) await work.write('s1', at, ['out', line])
    const page = await viewer.call('logs', { id: work.id, stepId: 's1', from: 20, bytes: 4096 })
    expect(page.parts.map(({ from }) => from)).toEqual([20, 21, 22])
    const rest = await viewer.call('logs', { id: work.id, stepId: 's1', after: page.next ?? '' })
    expect(rest.parts.map(({ from }) => from)).toEqual([23, 24, 25, 26, 27, 28, 29, 30])
  })

  test.each([
    ['counts the lines of one step', { from: 2 }],
    ['both say where to begin', { stepId: 's1', from: 2, after: '1' }],
    ['bytes', { stepId: 's1', bytes: 10 }],
    ['bytes', { stepId: 's1', bytes: SHAPE.logPageBytes + 1 }],
    ['from', { stepId: 's1', from: 0 }],
  ])('says what is wrong: %s', async (why, params) => {
    const { front, work } = await begin()
    const viewer = await front.house.operator()
    const refused = viewer.call('logs', { id: work.id, ...params })
    await expect(refused).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining(why) })
  })

  test('finds a word that colours run through, and tells small from large only if asked', async () => {
    const { front, work } = await begin()
    const viewer = await front.house.operator()
    await work.write('s1', 1, ['command', '+ make'], ['out', 'nothing'], ['err', 'fatal \x1b[31mEr\x1b[1mror\x1b[0m'])
    const ask = { id: work.id, stepId: 's1', text: 'error' }
    expect(await viewer.call('logs.search', ask)).toEqual({
      attempt: 1,
      lines: [3],
      next: null,
      scanned: { from: 1, to: 3 },
    })
    expect((await viewer.call('logs.search', { ...ask, sensitive: true })).lines).toEqual([])
    await expect(viewer.call('logs.search', { ...ask, text: 'a\nb' })).rejects.toMatchObject({ code: 'bad_request' })
  })
})
