import { describe, expect, test } from 'vitest'
import { stepOfInterest } from '../../../src/dashboard/model/step-choice.ts'
import { step } from '../../client/views.ts'

const at = (second: number) => new Date(second * 1000)
const done = (id: string, second: number) =>
  step(id, { state: 'success', started: at(second), finished: at(second + 1) })
const pending = (id: string) => step(id, { state: 'pending', started: null })
const chosen = (steps: Parameters<typeof stepOfInterest>[0], before?: string) => stepOfInterest(steps, before)?.id

describe('the step that is shown to who has chosen none', () => {
  test('runs, and is none that only serves the others', () => {
    expect(chosen([done('a', 1), step('db', { detach: true }), step('b'), pending('c')])).toBe('b')
  })

  test('stays while it runs, whatever else begins', () => {
    expect(chosen([step('a'), step('b')], 'b')).toBe('b')
    expect(chosen([step('a'), done('b', 1)], 'b')).toBe('a')
  })

  test('is the one that failed, unless that did not matter', () => {
    const ignored = step('a', { state: 'failure', ignoresFailure: true })
    expect(chosen([ignored, step('b', { state: 'failure' }), done('c', 3)])).toBe('b')
    expect(chosen([ignored, done('c', 3)])).toBe('c')
  })

  test('is the last that began once all has ended, and the first before', () => {
    expect(chosen([done('a', 5), done('b', 9), done('c', 7)])).toBe('b')
    expect(chosen([pending('a'), pending('b')])).toBe('a')
    expect(chosen([])).toBeUndefined()
  })

  test('is not taken away between the end of one step and the start of the next', () => {
    expect(chosen([done('a', 1), done('b', 2), pending('c')], 'a')).toBe('a')
  })
})
