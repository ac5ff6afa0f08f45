import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slice } from '../../../src/agent/logs/step-log.ts'
import { bench, nothingStored, PLENTY, storeAll } from './bench.ts'
import { costOf, linesOf, Written } from './written.ts'

describe('what is not on disk', () => {
  test('is sent again from there after a rewind, and forgotten once it is', () => {
    const { spool, sent, sink, write, texts } = bench()
    spool.connect(sink, PLENTY, nothingStored)
    for (const line of ['1', '2', '3']) {
      write(line)
      spool.flush('l1')
    }
    spool.stored({ lease: 'l1', stepId: 's', upto: 1 })
    spool.stored({ lease: 'l1', stepId: 's', upto: 1, rewind: true })
    expect(texts()).toEqual(['1\n', '2\n', '3\n', '2\n', '3\n'])
    spool.stored({ lease: 'l1', stepId: 's', upto: 3 })
    expect(spool.empty('l1')).toBe(true)
    sent.length = 0
    spool.connect(sink, PLENTY, () => 3)
    expect(sent).toEqual([])
  })

  test('goes on in the middle of a frame when only its beginning is stored', () => {
    const { spool, sent, sink, write, texts } = bench()
    write('1\n2\n3\n4')
    spool.flush('l1')
    spool.connect(sink, PLENTY, nothingStored)
    spool.connect(sink, PLENTY, () => 3)
    expect(texts()).toEqual(['1\n2\n3\n4\n', '4\n'])
    expect(sent[1]).toMatchObject({ from: 4, runs: [[1, 5, 'out']] })
  })

  test('survives 20 random disconnects complete and in order, whatever the memory', () => {
    const script = fc.array(
      fc.record({
        steps: fc.array(fc.record({ step: fc.constantFrom('a', 'b', 'c'), lines: fc.integer({ min: 1, max: 300 }) })),
        store: fc.integer({ min: 0, max: 100 }),
        window: fc.integer({ min: 8_224, max: 200_000 }),
      }),
      { minLength: 20, maxLength: 20 },
    )
    fc.assert(
      fc.property(script, fc.integer({ min: 0, max: 60_000 }), (rounds, memoryBytes) => {
        const { spool } = bench({ memoryBytes, fileBytes: 64 << 20 })
        const disk = new Map(['a', 'b', 'c'].map((step) => [step, new Written()]))
        const made = new Map<string, string[]>([
          ['a', []],
          ['b', []],
          ['c', []],
        ])
        for (const { steps, store, window } of rounds) {
          const heard: Slice[] = []
          const sink = { send: (frame: Slice) => void heard.push(frame), backlog: () => 0 }
          spool.connect(sink, window, (_lease, stepId) => disk.get(stepId)?.upto ?? 0)
          for (const { step, lines } of steps) {
            const text = Array.from({ length: lines }, (_, at) => `${step} ${(made.get(step)?.length ?? 0) + at} é`)
            made.get(step)?.push(...text)
            spool.write('l1', step, 'out', text.join('\n'), 1)
          }
          spool.flush('l1')
          expect(heard.reduce((sum, frame) => sum + costOf(frame), 0)).toBeLessThanOrEqual(window)
          // The connection dies with only a part of what was sent on disk, and a part of that confirmed.
          const kept = heard.slice(0, Math.floor((heard.length * store) / 100))
          for (const [at, frame] of kept.entries()) {
            expect(disk.get(frame.stepId)?.take(frame)).toBe(true)
            const upto = disk.get(frame.stepId)?.upto ?? 0
            if (at % 2 === 0) spool.stored({ lease: 'l1', stepId: frame.stepId, upto })
          }
          spool.disconnect()
        }
        const rest: Slice[] = []
        const sink = { send: (frame: Slice) => void rest.push(frame), backlog: () => 0 }
        spool.connect(sink, PLENTY, (_lease, stepId) => disk.get(stepId)?.upto ?? 0)
        for (const frame of rest) disk.get(frame.stepId)?.take(frame)
        for (const [step, lines] of made) expect(disk.get(step)?.lines).toEqual(lines)
        spool.close()
      }),
      { numRuns: 25 },
    )
  })
})

describe('more than there is room for', () => {
  const block = (name: string) => Array.from({ length: 16 }, (_, at) => `${name}.${at} ${'x'.repeat(990)}`).join('\n')

  test('goes to the file and comes back in order', () => {
    const { spool, sent, sink, write } = bench({ memoryBytes: 40_000, fileBytes: 4 << 20 })
    for (let at = 0; at < 60; at++) write(block(String(at)))
    spool.flush('l1')
    storeAll(spool, sent, sink)
    expect(spool.empty('l1')).toBe(true)
    const lines = sent.flatMap((frame) => (frame.type === 'log' ? linesOf(frame) : []))
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      Array.from({ length: 60 * 16 }, (_, at) => `${Math.floor(at / 16)}.${at % 16}`),
    )
    spool.close()
  })

  test('leaves one gap in the middle, which names exactly the lines that are missing', () => {
    const { spool, sent, sink, write } = bench({ memoryBytes: 100_000, fileBytes: 32 * 1024 * 6 })
    for (let at = 0; at < 100; at++) write(block(String(at)))
    spool.flush('l1')
    storeAll(spool, sent, sink)
    expect(spool.empty('l1')).toBe(true)
    const gaps = sent.filter((frame) => frame.type === 'gap')
    expect(gaps).toHaveLength(1)
    const written = new Written()
    for (const frame of sent) expect(written.take(frame)).toBe(true)
    expect(written.upto).toBe(1_600)
    const [gap = { from: 0, to: 0 }] = gaps
    const names = written.lines.map((line) => line.split(' ')[0])
    expect(names).toHaveLength(1_600 - (gap.to - gap.from + 1))
    const all = Array.from({ length: 1_600 }, (_, at) => `${Math.floor(at / 16)}.${at % 16}`)
    expect(names).toEqual([...all.slice(0, gap.from - 1), ...all.slice(gap.to)])
    // Both the beginning and the end are kept.
    expect(gap.from).toBeGreaterThan(32)
    expect(1_600 - gap.to).toBeGreaterThan(32)
    spool.close()
  })

  test('a lease that is lost gives its room back', () => {
    const { spool, sent, sink, write } = bench({ memoryBytes: 40_000, fileBytes: 0 })
    for (let at = 0; at < 10; at++) write(block(String(at)))
    spool.drop('l1')
    write('nobody listens')
    spool.open('l2')
    spool.write('l2', 's', 'out', block('other'), 1)
    spool.flush('l2')
    spool.connect(sink, PLENTY, nothingStored)
    expect(sent.map(({ type, lease }) => `${type} ${lease}`)).toEqual(['log l2'])
    spool.close()
  })
})
