import { describe, expect, test } from 'vitest'
import { bench, nothingStored, PLENTY, storeAll } from './bench.ts'
import { costOf, linesOf } from './written.ts'

describe('what a frame holds', () => {
  test('lines in order with their kinds, runs joined where nothing differs', async () => {
    const { clock, spool, sent, sink, write } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    write('a\nb\n')
    write('c')
    write('oops', 's', 'err')
    await clock.advance(200)
    expect(sent).toEqual([
      {
        type: 'log',
        lease: 'l1',
        stepId: 's',
        from: 1,
        text: 'a\nb\nc\noops\n',
        runs: [
          [3, 5, 'out'],
          [1, 5, 'err'],
        ],
      },
    ])
  })

  test('never more than 16 KiB, 1,000 lines or 500 runs', () => {
    const { spool, sent, sink, write } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    write(`${'x'.repeat(100)}\n`.repeat(1_000))
    write('y\n'.repeat(2_500))
    for (let ms = 0; ms < 1_200; ms++) spool.write('l1', 's', 'out', 'z', ms)
    spool.flush('l1')
    const logs = sent.filter((frame) => frame.type === 'log')
    for (const frame of logs) {
      expect(Buffer.byteLength(frame.text)).toBeLessThanOrEqual(16 * 1024)
      expect(linesOf(frame).length).toBeLessThanOrEqual(1_000)
      expect(frame.runs.length).toBeLessThanOrEqual(500)
    }
    expect(logs.flatMap(linesOf)).toHaveLength(4_700)
  })

  test('a line over 8 KiB leaves in pieces that say they continue, cut between characters', async () => {
    const { clock, spool, sent, sink, write } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    const long = 'äöü€😀'.repeat(2_000)
    write(`short\n${long}\nend`)
    await clock.advance(200)
    const logs = sent.filter((frame) => frame.type === 'log')
    const lines = logs.flatMap(linesOf)
    expect(lines.slice(1, -1).join('')).toBe(long)
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(8 * 1024)
    const kinds = logs.flatMap(({ runs }) => runs.flatMap(([count, , kind]) => Array<string>(count).fill(kind)))
    expect(kinds[0]).toBe('out')
    expect(kinds.slice(1, -2).every((kind) => kind === 'out+')).toBe(true)
    expect(kinds.slice(-2)).toEqual(['out', 'out'])
  })
})

describe('when lines leave', () => {
  test('200 ms after the first, however steadily more come', async () => {
    const { clock, spool, sent, sink, write } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    for (let at = 0; at < 4; at++) {
      write(`line ${at}`)
      await clock.advance(49)
    }
    expect(sent).toEqual([])
    await clock.advance(4)
    expect(sent).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('at once when 16 KiB are gathered', () => {
    const { spool, sent, sink, write } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    write(`${'x'.repeat(999)}\n`.repeat(20))
    expect(sent).toHaveLength(1)
  })

  test('not while the socket is behind; then without losing a line', async () => {
    const { clock, spool, sent, write } = bench()
    let backlog = 1 << 20
    spool.connect({ send: (frame) => sent.push(frame), backlog: () => backlog }, PLENTY, nothingStored)
    write('x\n'.repeat(3_000))
    spool.flush('l1')
    await clock.advance(50)
    expect(sent).toEqual([])
    backlog = 0
    await clock.advance(5)
    expect(sent.flatMap((frame) => (frame.type === 'log' ? linesOf(frame) : []))).toHaveLength(3_000)
  })
})

describe('credit', () => {
  test('is never exceeded, and used as far as lines fit', () => {
    const { spool, sent, sink, write } = bench()
    const limit = 64 * 1024
    spool.connect(sink, limit, nothingStored)
    for (let at = 0; at < 40; at++) write(`${'x'.repeat(499)}\n`.repeat(30))
    spool.flush('l1')
    const spent = sent.reduce((sum, frame) => sum + costOf(frame), 0)
    expect(spent).toBeLessThanOrEqual(limit)
    expect(spent).toBeGreaterThan(limit - 8 * 1024 - 32)
    spool.credit(limit - 1)
    expect(sent.reduce((sum, frame) => sum + costOf(frame), 0)).toBe(spent)
    spool.credit(PLENTY)
    expect(sent.flatMap((frame) => (frame.type === 'log' ? linesOf(frame) : []))).toHaveLength(1_200)
  })

  test('of one largest line moves one largest line', () => {
    const { spool, sent, sink, write } = bench()
    spool.connect(sink, 8 * 1024 + 32, nothingStored)
    write(`${'x'.repeat(8_191)}\n`.repeat(2))
    spool.flush('l1')
    expect(sent).toHaveLength(1)
    spool.credit(2 * (8 * 1024 + 32))
    expect(sent).toHaveLength(2)
  })

  test('a gap costs none of it', () => {
    const { spool, sent, sink, write } = bench({ memoryBytes: 40_000, fileBytes: 0 })
    for (let at = 0; at < 20; at++) write(`${'x'.repeat(999)}\n`.repeat(16))
    spool.flush('l1')
    storeAll(spool, sent, sink)
    expect(spool.empty('l1')).toBe(true)
    const costs = sent.map(costOf)
    expect(sent.some(({ type }) => type === 'gap')).toBe(true)
    expect(costs.filter((cost) => cost === 0)).toHaveLength(sent.filter(({ type }) => type === 'gap').length)
  })
})

describe('fairness', () => {
  test('each step has its turn after one frame of another', () => {
    const { spool, sent, sink, write } = bench()
    for (const step of ['a', 'b', 'c']) {
      for (let at = 0; at < 5; at++) write(`${'x'.repeat(1_023)}\n`.repeat(16), step)
    }
    write('just one line', 'd')
    spool.flush('l1')
    spool.connect(sink, PLENTY, nothingStored)
    expect(sent.slice(0, 8).map(({ stepId }) => stepId)).toEqual(['a', 'b', 'c', 'd', 'a', 'b', 'c', 'a'])
  })

  test('one that floods does not starve one that comes later', () => {
    const { spool, sent, sink, write } = bench()
    spool.connect(sink, 20_000, nothingStored)
    for (let at = 0; at < 50; at++) write(`${'x'.repeat(1_023)}\n`.repeat(16), 'flood')
    write('small', 'late')
    spool.flush('l1')
    spool.credit(80_000)
    expect(sent.findIndex(({ stepId }) => stepId === 'late')).toBeLessThanOrEqual(3)
    expect(sent.some(({ stepId }) => stepId === 'late')).toBe(true)
  })
})

describe('lines that a server had and has lost, its disk exchanged for an older one,', () => {
  test('are named as a gap; what was not stored yet follows it', () => {
    const { spool, sent, sink, write, texts } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    write('a\nb\nc\nd')
    spool.flush('l1')
    spool.stored({ lease: 'l1', stepId: 's', upto: 4 })
    write('e')
    spool.disconnect()
    sent.length = 0
    spool.connect(sink, PLENTY, () => 2)
    spool.flush('l1')
    expect(texts()).toEqual(['gap 3-4', 'e\n'])
  })

  test('are named also when nothing follows', () => {
    const { spool, sent, sink, write, texts } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    write('a\nb')
    spool.flush('l1')
    spool.stored({ lease: 'l1', stepId: 's', upto: 2 })
    spool.disconnect()
    sent.length = 0
    spool.connect(sink, PLENTY, nothingStored)
    expect(texts()).toEqual(['gap 1-2'])
    spool.stored({ lease: 'l1', stepId: 's', upto: 2 })
    expect(spool.empty('l1')).toBe(true)
  })
})
