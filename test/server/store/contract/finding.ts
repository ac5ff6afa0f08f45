import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LogPart, SEARCH } from '../../../../src/protocol/index.ts'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

type Found = Awaited<ReturnType<World['store']['searchLogs']>>
type Search = Partial<Parameters<World['store']['searchLogs']>[0]>

/** Reading large logs from anywhere, and looking for text in them. */
export function finding(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  from(
    () => world,
    () => agent,
  )
  search(
    () => world,
    () => agent,
  )
}

function from(home: () => World, its: () => Agent): void {
  describe('a log from a line on', () => {
    test('begins with the chunk or the gap that holds the line, and goes on to the end, whatever line it is', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['1', '2', '3'])
      await its().log(lease, 's2', 1, ['other'])
      await its().gap(lease, 's1', 4, 6)
      await its().log(lease, 's1', 7, ['7'])
      await its().log(lease, 's1', 8, ['8', '9'])
      const whole = await partsFrom(id, 1, 1_000_000)
      expect(whole.map(({ from, to }) => [from, to])).toEqual([
        [1, 3],
        [4, 6],
        [7, 7],
        [8, 9],
      ])
      for (let line = 1; line <= 9; line++) {
        // One part a page: each is reached by a cursor.
        expect(await partsFrom(id, line, 1)).toEqual(whole.filter(({ to }) => to >= line))
      }
    })

    test('beyond the end is empty until the line has come', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['1'])
      const ask = { id, stepId: 's1', from: 2, bytes: 1_000 }
      expect(await home().store.readLogs(ask)).toMatchObject({ parts: [], next: null, more: false })
      await its().log(lease, 's1', 2, ['2'])
      expect(await home().store.readLogs(ask)).toMatchObject({ parts: [{ from: 2, text: '2\n' }], more: false })
    })

    test('goes on after a cursor of the log of all steps', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['1'])
      await its().log(lease, 's2', 1, ['other'])
      const { next } = await home().store.readLogs({ id, bytes: 1_000 })
      await its().log(lease, 's1', 2, ['2'])
      const page = await home().store.readLogs({ id, stepId: 's1', after: next ?? '', bytes: 1_000 })
      expect(page.parts).toMatchObject([{ from: 2, text: '2\n' }])
    })

    async function partsFrom(id: string, line: number, bytes: number): Promise<LogPart[]> {
      const ask = { id, stepId: 's1', bytes }
      const parts: LogPart[] = []
      let page = await home().store.readLogs({ ...ask, from: line })
      parts.push(...page.parts)
      while (page.more) {
        page = await home().store.readLogs({ ...ask, after: page.next ?? '' })
        parts.push(...page.parts)
      }
      return parts
    }
  })
}

/** What a line is made of, and what one sees of it. */
const Piece = fc.constantFrom(
  ...['a', 'b', 'B', 'é', 'É', 'ς', 'Σ', '🥁', ' '].map((seen) => ({ sent: seen, seen })),
  ...['\x1b[31m', '\x1b[0m', '\x1b]8;;http://ab\x07', '\x1b]0;ab\x1b\\', '\x1b(B'].map((sent) => ({ sent, seen: '' })),
)
const Chunk = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.array(Piece, { maxLength: 8 }), { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
)
const Wanted = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'é', 'É', 'σ', 'Σ'), minLength: 1, maxLength: 3 })
const small = (text: string) => text.toLowerCase().replaceAll('ς', 'σ')

function search(home: () => World, its: () => Agent): void {
  const look = (ask: Search & { id: string }): Promise<Found> =>
    home().store.searchLogs({ stepId: 's1', text: 'needle', sensitive: false, back: false, ...ask })

  describe('a search of a log', () => {
    test('finds the lines that a naive one finds, both ways, from any line', async () => {
      const { id, lease } = await home().running(its())
      const lines: (string | null)[] = []
      const log = fc.array(Chunk, { maxLength: 8 })
      const property = fc.asyncProperty(log, Wanted, fc.boolean(), fc.nat(60), async (chunks, text, sensitive, at) => {
        for (const chunk of chunks) await write(lease, lines, chunk)
        const fold = sensitive ? (given: string) => given : small
        const holds = (line: string | null) => line !== null && fold(line).includes(fold(text))
        const numbers = lines.flatMap((line, index) => (holds(line) ? [index + 1] : []))
        const all = { lines: numbers, scanned: { from: 1, to: lines.length }, next: null }
        expect(await look({ id, text, sensitive })).toMatchObject(all)
        expect(await look({ id, text, sensitive, back: true })).toMatchObject(all)
        const later = numbers.filter((line) => line >= at + 1)
        expect((await look({ id, text, sensitive, from: at + 1 })).lines).toEqual(later)
        const earlier = numbers.filter((line) => line <= at + 1)
        expect((await look({ id, text, sensitive, from: at + 1, back: true })).lines).toEqual(earlier)
      })
      await fc.assert(property, { numRuns: 40 })
    })

    test('looks at a bounded piece in a call, and comes to the end of a large log by its cursor, both ways', async () => {
      const { id, lease } = await home().running(its())
      const filler = 'x'.repeat(999)
      const chunks = Math.ceil((2.5 * SEARCH.logText) / 16_000)
      const line = (at: number) => (at % 500 === 0 ? 'a Needle' : filler)
      await Promise.all(
        Array.from({ length: chunks }, (_, chunk) => {
          const first = chunk * 16 + 1
          return its().log(
            lease,
            's1',
            first,
            Array.from({ length: 16 }, (_, index) => line(first + index)),
          )
        }),
      )
      const last = chunks * 16
      const expected = Array.from({ length: Math.floor(last / 500) }, (_, index) => (index + 1) * 500)
      for (const back of [false, true]) {
        const pages = await all({ id, back })
        expect(pages.length).toBeGreaterThan(2)
        const inOrder = back ? pages.toReversed() : pages
        expect(inOrder.flatMap(({ lines }) => lines)).toEqual(expected)
        // Without a hole and without looking twice.
        expect(inOrder.map(({ scanned }) => scanned.from)).toEqual([
          1,
          ...inOrder.slice(0, -1).map(({ scanned }) => scanned.to + 1),
        ])
        expect(inOrder.at(-1)?.scanned.to).toBe(last)
      }
    })

    test('answers so many lines and no more in a call', async () => {
      const { id, lease } = await home().running(its())
      const lines = Array.from({ length: 400 }, () => 'needle')
      for (const at of [1, 401, 801]) await its().log(lease, 's1', at, lines)
      for (const back of [false, true]) {
        const counts = (await all({ id, back })).map((page) => page.lines.length)
        expect(counts).toEqual([800, 400])
      }
    })

    test('stays with the attempt that it began with', async () => {
      const { id, lease } = await home().running(its())
      const lines = Array.from({ length: 600 }, () => 'needle')
      for (const at of [1, 601]) await its().log(lease, 's1', at, lines)
      const first = await look({ id })
      await its().connect()
      await its().log(await its().start(id), 's1', 1, ['needle'])
      expect(await look({ id, after: first.next ?? '' })).toMatchObject({
        attempt: 1,
        scanned: { from: 601, to: 1200 },
      })
      expect(await look({ id })).toMatchObject({ attempt: 2, lines: [1] })
      expect(await look({ id, attempt: 1, from: 1200 })).toMatchObject({ attempt: 1, lines: [1200] })
    })

    test('finds nothing where there is nothing, and refuses what is not known', async () => {
      const nothing = { lines: [], next: null, scanned: { from: 1, to: 0 } }
      expect(await look({ id: await home().submit() })).toEqual({ attempt: 0, ...nothing })
      const { id } = await home().running(its())
      expect(await look({ id })).toEqual({ attempt: 1, ...nothing })
      expect(await look({ id, back: true })).toEqual({ attempt: 1, ...nothing })
      expect(await codeOf(look({ id, attempt: 2 }))).toBe('not_found')
      expect(await codeOf(look({ id: 'nothing' }))).toBe('not_found')
      expect(await codeOf(look({ id, after: 'x' }))).toBe('bad_request')
    })
  })

  async function all(ask: Search & { id: string }): Promise<Found[]> {
    const pages: Found[] = []
    let after: string | undefined
    do {
      const page = await look({ ...ask, ...(after !== undefined && { after }) })
      pages.push(page)
      after = page.next ?? undefined
    } while (after !== undefined)
    return pages
  }

  /** Writes what comes next, a gap for a number, and notes what one sees of each line. */
  async function write(lease: string, lines: (string | null)[], chunk: number | { sent: string; seen: string }[][]) {
    const next = lines.length + 1
    if (typeof chunk === 'number') {
      await its().gap(lease, 's1', next, next + chunk - 1)
      lines.push(...Array.from({ length: chunk }, () => null))
      return
    }
    await its().log(
      lease,
      's1',
      next,
      chunk.map((line) => line.map(({ sent }) => sent).join('')),
    )
    lines.push(...chunk.map((line) => line.map(({ seen }) => seen).join('')))
  }
}
