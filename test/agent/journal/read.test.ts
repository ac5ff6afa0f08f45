import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/agent/journal/entries.ts'
import { framed } from '../../../src/agent/journal/frames.ts'
import { read } from '../../../src/agent/journal/read.ts'
import { JournalState } from '../../../src/agent/journal/state.ts'
import { offer } from '../offers.ts'

const owner = { host: 'h', machine: '', boot: 'b', world: 'w', pid: 7, started: '8' }
const lease = fc.constantFrom('l1', 'l2', 'l3')
const boot = fc.constantFrom('b1', 'b2', 'b3', 'b4')
const state = { started: 1, finished: 2, error: '', canceled: false }

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ type: fc.constant('boot'), boot, owner: fc.constant(owner) }),
  fc.record({ type: fc.constant('welcome'), boot }),
  lease.map((id): Entry => ({ type: 'lease', offer: offer(id) })),
  fc.record({ type: fc.constant('folder'), lease, path: fc.string() }),
  fc.record({
    type: fc.constant('group'),
    lease,
    group: fc.record({ id: fc.integer({ min: 2 }), started: fc.string() }),
  }),
  lease.map((id): Entry => ({ type: 'result', result: { lease: id, state, steps: [] } })),
  fc.record({ type: fc.constant('gone'), lease }),
) as fc.Arbitrary<Entry>

const journal = fc
  .array(entry, { maxLength: 12 })
  .map((entries): Entry[] => [{ type: 'journal', version: 1, suffix: 'abc123' }, ...entries])

function fileOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat(entries.map((one) => framed(JSON.stringify(one))))
}

function stateOf(entries: Iterable<Entry>): JournalState {
  const made = new JournalState('none')
  for (const one of entries) made.apply(one)
  return made
}

describe('a journal', () => {
  test('says what was written', () => {
    fc.assert(
      fc.property(journal, (entries) => {
        expect(read(fileOf(entries))).toEqual({ entries, end: 'whole', cut: 0 })
      }),
    )
  })

  test('that ends anywhere says what stands before, and is no more than torn', () => {
    fc.assert(
      fc.property(journal, fc.nat(), (entries, seed) => {
        const file = fileOf(entries)
        const length = seed % file.length
        const { entries: got, end, cut } = read(file.subarray(0, length))
        expect(got).toEqual(entries.slice(0, got.length))
        expect(fileOf(got).length + cut).toBe(length)
        expect(end).toBe(cut === 0 ? 'whole' : 'torn')
      }),
    )
  })

  test('with a changed byte says what stands before it, and is damaged if anything whole follows', () => {
    fc.assert(
      fc.property(journal, fc.nat(), fc.integer({ min: 1, max: 255 }), (entries, seed, change) => {
        const file = fileOf(entries)
        const at = seed % file.length
        file[at] = (file[at] ?? 0) ^ change
        const { entries: got, end } = read(file)
        expect(got.length).toBeLessThan(entries.length)
        expect(got).toEqual(entries.slice(0, got.length))
        expect(fileOf(got).length).toBeLessThanOrEqual(at)
        const isLast = got.length === entries.length - 1
        expect(end).toBe(isLast ? 'torn' : 'damaged')
      }),
    )
  })

  test('of any bytes at all is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(read(Buffer.from(bytes)).entries).toEqual([])
      }),
    )
  })

  test('followed by nothing but zeros, as a lost write leaves them, is torn', () => {
    const entries: Entry[] = [{ type: 'journal', version: 1, suffix: 'abc123' }]
    expect(read(Buffer.concat([fileOf(entries), Buffer.alloc(300)]))).toEqual({ entries, end: 'torn', cut: 300 })
  })

  test('of a later release is refused', () => {
    const later = framed(JSON.stringify({ type: 'journal', version: 2, suffix: 'a', news: true }))
    expect(() => read(later)).toThrow(/later release/)
  })

  test('written anew comes to the same', () => {
    fc.assert(
      fc.property(journal, (entries) => {
        const once = stateOf(entries)
        const again = stateOf(once.entries())
        expect([...again.entries()]).toEqual([...once.entries()])
        expect(again).toEqual(once)
      }),
    )
  })

  test('names at most as many boots as a hello takes, and never loses one that may hold leases', () => {
    const made = stateOf([])
    for (let at = 0; at < 200; at++) {
      made.apply({ type: 'boot', boot: `b${at}`, owner })
      if (at === 20) made.apply({ type: 'welcome', boot: `b${at}` })
    }
    const boots = made.boots.map(({ entry: { boot: name } }) => name)
    expect(boots).toHaveLength(64)
    expect(boots[0]).toBe('b20')
    expect(boots.at(-1)).toBe('b199')
  })
})
