import { signal } from '@preact/signals'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Bus } from '../../../src/dashboard/model/bus.ts'
import { Complete } from '../../../src/dashboard/model/complete.ts'
import { Rows } from '../../../src/dashboard/model/rows.ts'

interface Thing {
  readonly id: string
  readonly version: number
  readonly held?: boolean
}

type Answer = { rows: readonly Thing[]; next: string | null }

/** Each question is answered when the test says so. */
function reading() {
  const link = signal<Bus['link']['value']>({ state: 'live' })
  const asked: { before: string | undefined; answer: (page: Answer) => void; fail: (error: Error) => void }[] = []
  const all = new Complete<Thing>({
    bus: { link },
    rows: new Rows<Thing>({ order: (a, b) => (a.id < b.id ? -1 : 1) }),
    holds: ({ held = true }) => held,
    read: (before) => new Promise((answer, fail) => asked.push({ before, answer, fail })),
  })
  const shown = () => all.list.value.map(({ id, version }) => `${id}${version}`)
  const answer = async (rows: readonly Thing[], next: string | null = null) => {
    asked.shift()?.answer({ rows, next })
    await settled()
  }
  const fail = async (why: string) => {
    asked.shift()?.fail(new Error(why))
    await settled()
  }
  return { all, asked, shown, answer, fail, link }
}

/** What promises do next has been done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

describe('all that there are of something', () => {
  beforeEach(() => {
    vi.stubGlobal('document', { hidden: false })
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => draw())
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('is the snapshot and every further page', async () => {
    const { all, asked, shown, answer } = reading()
    all.begin()
    all.take({ id: 'a', version: 1 })
    await answer(
      [
        { id: 'a', version: 1 },
        { id: 'b', version: 1 },
      ],
      'b',
    )
    expect(asked[0]?.before).toBe('b')
    expect(all.whole.value).toBe(false)
    await answer([{ id: 'c', version: 1 }])
    expect(shown()).toEqual(['a1', 'b1', 'c1'])
    expect(all.whole.value).toBe(true)
  })

  test('never goes back to what a page says that was read before an event', async () => {
    const { all, shown, answer } = reading()
    all.begin()
    all.take({ id: 'a', version: 5 })
    all.take({ id: 'b', version: 5, held: false })
    all.remove('c')
    await answer(['a', 'b', 'c', 'd'].map((id) => ({ id, version: 4 })))
    expect(shown()).toEqual(['a5', 'd4'])
    all.take({ id: 'd', version: 3 })
    all.take({ id: 'b', version: 6 })
    expect(shown()).toEqual(['a5', 'b6', 'd4'])
  })

  test('stays shown while it is read anew, and then lacks what is gone', async () => {
    const { all, shown, answer } = reading()
    all.begin()
    await answer(['a', 'b', 'c'].map((id) => ({ id, version: 4 })))
    all.begin()
    expect(shown()).toEqual(['a4', 'b4', 'c4'])
    await answer([
      { id: 'a', version: 4 },
      { id: 'b', version: 5 },
    ])
    expect(shown()).toEqual(['a4', 'b5'])
  })

  test('is what the server says now, though a backup has taken it back to lower versions', async () => {
    const { all, shown, answer } = reading()
    all.begin()
    await answer([
      { id: 'a', version: 9 },
      { id: 'b', version: 9 },
    ])
    all.begin()
    all.take({ id: 'a', version: 2 })
    await answer([
      { id: 'a', version: 2 },
      { id: 'b', version: 3 },
    ])
    expect(shown()).toEqual(['a2', 'b3'])
  })

  test('is read anew after an outage that has cut the reading, and not otherwise', async () => {
    const { all, asked, shown, answer, fail, link } = reading()
    all.begin()
    await fail('there is no connection')
    expect(all.trouble.value).toBe('there is no connection')
    link.value = { state: 'catching up' }
    expect(asked).toHaveLength(0)
    link.value = { state: 'live' }
    expect(all.trouble.value).toBe('')
    await answer([{ id: 'a', version: 1 }])
    expect(shown()).toEqual(['a1'])
    link.value = { state: 'catching up' }
    link.value = { state: 'live' }
    expect(asked).toHaveLength(0)
  })

  test('leaves a page alone that answers a reading of before', async () => {
    const { all, asked, shown, answer } = reading()
    all.begin()
    const [old] = asked.splice(0)
    all.begin()
    await answer([{ id: 'new', version: 1 }])
    old?.answer({ rows: [{ id: 'old', version: 1 }], next: 'more' })
    await settled()
    expect(shown()).toEqual(['new1'])
    expect(asked).toHaveLength(0)
  })
})
