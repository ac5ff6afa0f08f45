import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { StepLog } from '../../../src/dashboard/pages/workflow/log/step-log.ts'
import type { LogPart } from '../../../src/protocol/index.ts'
import { linesPart, lineText, partsOf } from './written.ts'

const NOTHING = () => {}

/** A store that has all of these parts, and answers by two at a time. */
function storeOf(parts: readonly LogPart[]) {
  const asked: number[] = []
  return {
    asked,
    async read(from: number) {
      asked.push(from)
      const first = parts.findIndex(({ to }) => to >= from)
      return { parts: first === -1 ? [] : parts.slice(first, first + 2), missing: [] }
    },
    end: async () => ({ lines: parts.at(-1)?.to ?? 0, missing: [] }),
  }
}

/** What the rows from `from` on show once nothing more is being read. */
async function shown(log: StepLog, from: number, count: number): Promise<(string | undefined)[]> {
  log.show({ from, to: from + count })
  // The store answers at once: as many turns as it takes to read all of it.
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  return Array.from({ length: Math.min(count, log.layout.count) }, (_, row) => {
    const content = log.layout.at(row)
    return 'gap' in content ? `gap ${content.gap.from}-${content.gap.to}` : log.line(content.line)?.text
  })
}

const sizes = fc.array(fc.record({ lines: fc.integer({ min: 1, max: 30 }), gap: fc.boolean() }), {
  minLength: 1,
  maxLength: 15,
})

describe('the log of a step', () => {
  test('shows each line once, in order, whatever of it came live and whatever was dropped', async () => {
    const live = fc.array(fc.nat(14), { maxLength: 20 })
    const most = fc.constantFrom(500, 3000, 1_000_000)
    await fc.assert(
      fc.asyncProperty(sizes, live, most, async (given, order, bound) => {
        const parts = partsOf(given)
        const log = new StepLog({ source: storeOf(parts), onChange: NOTHING, most: bound })
        for (const at of order) {
          const part = parts[at % parts.length]
          if (part !== undefined) log.take(part)
        }
        await log.catchUp()
        const expected = parts.flatMap((part) =>
          part.kind === 'gap'
            ? [`gap ${part.from}-${part.to}`]
            : Array.from({ length: part.to - part.from + 1 }, (_, at) => lineText(part.from + at)),
        )
        expect(await shown(log, 1, 500)).toEqual(expected)
        // Nobody looks at any of them now.
        log.show({ from: 2001, to: 2001 })
        log.take(linesPart(1001, 1001))
        expect(log.held).toBeLessThanOrEqual(bound)
        log.close()
      }),
      { numRuns: 60 },
    )
  })

  test('reads nothing that it has, and nothing that nobody looks at', async () => {
    const source = storeOf([linesPart(1, 100), linesPart(101, 200), linesPart(201, 300), linesPart(301, 400)])
    const log = new StepLog({ source, onChange: NOTHING })
    await log.catchUp()
    await shown(log, 120, 10)
    expect(source.asked).toEqual([120])
    await shown(log, 150, 100)
    expect(source.asked).toEqual([120])
    await shown(log, 290, 20)
    expect(source.asked).toEqual([120, 301])
    log.close()
  })

  test('says why lines are not here, and reads them again later', async () => {
    vi.useFakeTimers()
    try {
      const source = storeOf([linesPart(1, 10)])
      const read = vi.spyOn(source, 'read').mockRejectedValueOnce(new Error('no connection'))
      const log = new StepLog({ source, onChange: NOTHING })
      log.know({ lines: 10, missing: [] })
      await shown(log, 1, 5)
      expect(log.trouble).toBe('no connection')
      await vi.advanceTimersByTimeAsync(2000)
      expect(log.line(3)?.text).toBe(lineText(3))
      expect(log.trouble).toBe('')
      expect(read).toHaveBeenCalledTimes(2)
      log.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('knows a piece that goes on with the line before it, also past the other stream', () => {
    const log = new StepLog({ source: storeOf([]), onChange: NOTHING })
    const runs = [
      [1, 0, 'out+'],
      [1, 0, 'err'],
      [2, 0, 'out'],
    ] as const
    log.take({ ...linesPart(1, 4), runs: runs.map((run) => [...run]) })
    const continued = [1, 2, 3, 4].map((number) => {
      const line = log.line(number)
      return line !== undefined && log.isContinued(line)
    })
    expect(continued).toEqual([false, false, true, false])
    log.close()
  })
})
