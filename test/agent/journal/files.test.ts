import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/agent/journal/entries.ts'
import { GroupSync } from '../../../src/agent/journal/group-sync.ts'
import { JournalFile } from '../../../src/agent/journal/journal-file.ts'
import { LineFile, type Place } from '../../../src/agent/journal/line-file.ts'
import { read } from '../../../src/agent/journal/read.ts'
import { JournalState } from '../../../src/agent/journal/state.ts'
import { memoryPart } from '../../../src/agent/logs/part.ts'
import { silentLog } from '../../../src/protocol/index.ts'
import { offer } from '../offers.ts'
import { folder } from './folder.ts'

describe('bringing to the disk', () => {
  test('is shared by all who wait while it is under way', async () => {
    let flushes = 0
    const ends: (() => void)[] = []
    const sync = new GroupSync(() => {
      flushes++
      return new Promise((end) => void ends.push(end))
    })
    const answers: number[] = []
    const waits = [1, 2, 3, 4, 5].map((n) => sync.sync().then(() => answers.push(n)))
    expect(flushes).toBe(1)
    ends[0]?.()
    await waits[0]
    expect(answers).toEqual([1])
    await expect.poll(() => flushes).toBe(2)
    ends[1]?.()
    await Promise.all(waits)
    expect(flushes).toBe(2)
  })

  test('that fails fails those who waited for it, and not the next', async () => {
    let fails = true
    const sync = new GroupSync(async () => {
      if (fails) throw new Error('EIO')
    })
    const [first, second] = [sync.sync(), sync.sync()]
    await expect(first).rejects.toThrow('EIO')
    await expect(second).rejects.toThrow('EIO')
    fails = false
    await sync.sync()
  })
})

describe("the journal's file", () => {
  test('stays small, whatever comes and goes, and loses nothing while it is written anew', async () => {
    const path = join(folder(), 'journal')
    const state = new JournalState('abc123')
    const file = await JournalFile.create(path, silentLog, () => state.entries())
    const note = (entry: Entry) => {
      file.append(entry)
      state.apply(entry)
    }
    const syncs: Promise<void>[] = []
    let most = 0
    for (let at = 0; at < 3_000; at++) {
      note({ type: 'lease', offer: offer(`l${at}`) })
      note({ type: 'folder', lease: `l${at}`, path: '/tmp/x' })
      if (at >= 5) note({ type: 'gone', lease: `l${at - 5}` })
      if (at % 7 === 0) syncs.push(file.sync())
      if (at % 50 === 0) await file.sync()
      most = Math.max(most, readFileSync(path).length)
    }
    await Promise.all(syncs)
    await file.close()
    expect(most).toBeLessThan(600_000)
    const { entries, end } = read(readFileSync(path))
    expect(end).toBe('whole')
    const again = new JournalState('none')
    for (const entry of entries) again.apply(entry)
    expect(again).toEqual(state)
    expect([...again.leases.keys()]).toEqual(['l2995', 'l2996', 'l2997', 'l2998', 'l2999'])
  })

  test('that cannot be written anew goes on as it is', async () => {
    const path = join(folder(), 'journal')
    const state = new JournalState('abc123')
    const file = await JournalFile.create(path, silentLog, () => state.entries())
    mkdirSync(`${path}.new`)
    for (let at = 0; at < 1_000; at++) file.append({ type: 'lease', offer: offer(`l${at}`) })
    await file.sync()
    await file.close()
    expect(read(readFileSync(path)).entries).toHaveLength(1_001)
  })
})

describe("the lines' file", () => {
  const part = (from: number, text: string) => memoryPart(from, text, [[text.split('\n').length - 1, 5, 'out']])

  test('gives back what was written, after a restart as well, and uses free places again', async () => {
    const path = join(folder(), 'lines')
    const first = await LineFile.open(path, silentLog)
    const places: Place[] = []
    for (let at = 1; at <= 20; at++) {
      const place = first.write({ lease: 'l1', stepId: 's', part: part(at, `line ${at} \u001b[31m…\n`) })
      if (place !== undefined) places.push(place)
    }
    for (const { slot } of places.splice(0, 10)) first.free(slot)
    const again = first.write({ lease: 'l2', stepId: 't', part: part(1, 'other\n') })
    expect(again?.slot).toBeLessThan(10)
    await first.sync()
    await first.close()

    const second = await LineFile.open(path, silentLog)
    const found: string[] = []
    second.scan(({ lease, part: { from, text } }) => {
      if (lease === 'l1' && from > 10) found.push(text)
      return lease === 'l1'
    })
    expect(found).toEqual(Array.from({ length: 10 }, (_, at) => `line ${at + 11} \u001b[31m…\n`))
    await second.close()
  })

  test('with changed bytes gives fewer lines and never wrong ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (seed, change) => {
        const path = join(folder(), 'lines')
        const first = await LineFile.open(path, silentLog)
        for (let at = 1; at <= 5; at++) first.write({ lease: 'l1', stepId: 's', part: part(at, `line ${at}\n`) })
        await first.close()
        const bytes = readFileSync(path)
        const at = seed % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ change
        writeFileSync(path, bytes)
        const second = await LineFile.open(path, silentLog)
        const found: number[] = []
        second.scan(({ part: { from, text } }) => {
          expect(text).toBe(`line ${from}\n`)
          found.push(from)
          return true
        })
        await second.close()
        expect(found.length).toBeGreaterThanOrEqual(4)
      }),
      { numRuns: 40 },
    )
  })

  test('is empty once every line has left', async () => {
    const path = join(folder(), 'lines')
    const file = await LineFile.open(path, silentLog)
    const places = [1, 2, 3].map((from) => file.write({ lease: 'l', stepId: 's', part: part(from, 'x\n') }))
    for (const place of places) if (place !== undefined) file.free(place.slot)
    expect(readFileSync(path).length).toBe(0)
    await file.close()
  })
})
