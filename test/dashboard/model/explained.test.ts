import { describe, expect, test } from 'vitest'
import type { Bus } from '../../../src/dashboard/model/bus.ts'
import { Explained, type Reason } from '../../../src/dashboard/model/explained.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const PAUSED: Reason = { code: 'paused', message: 'the queue is paused' }

function asking(answer: () => Promise<{ reasons: Reason[] }>) {
  const clock = new FakeClock()
  const asked: number[] = []
  const call = (() => {
    asked.push(clock.monotonic())
    return answer()
  }) as unknown as Bus['call']
  return { clock, asked, explained: new Explained({ call }, 'w1', clock) }
}

describe('why a workflow waits', () => {
  test('is asked at once, and anew after a change, but never twice within two seconds', async () => {
    const { clock, asked, explained } = asking(async () => ({ reasons: [PAUSED] }))
    await clock.advance(0)
    expect(explained.explanation.value).toEqual({ reasons: [PAUSED], trouble: '' })
    await clock.advance(500)
    for (let change = 0; change < 20; change += 1) {
      explained.touch()
      await clock.advance(100)
    }
    expect(asked).toEqual([0, 2000])
    explained.close()
  })

  test('is asked anew without a change too: some reasons end by time', async () => {
    const { clock, asked, explained } = asking(async () => ({ reasons: [] }))
    await clock.advance(20_000)
    expect(asked).toEqual([0, 10_000, 20_000])
    explained.close()
    await clock.advance(60_000)
    expect(asked).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  test('that cannot be asked stays as it was told, with the trouble', async () => {
    let broken = false
    const { clock, explained } = asking(async () => {
      if (broken) throw new Error('no connection')
      return { reasons: [PAUSED] }
    })
    await clock.advance(0)
    broken = true
    await clock.advance(10_000)
    expect(explained.explanation.value).toEqual({ reasons: [PAUSED], trouble: 'no connection' })
    broken = false
    await clock.advance(10_000)
    expect(explained.explanation.value.trouble).toBe('')
    explained.close()
  })

  test('is not said any more once nobody asks', async () => {
    let answer: (result: { reasons: Reason[] }) => void = () => {}
    const { clock, explained } = asking(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    explained.close()
    answer({ reasons: [PAUSED] })
    await clock.advance(0)
    expect(explained.explanation.value.reasons).toBeNull()
    expect(clock.pending).toBe(0)
  })
})
