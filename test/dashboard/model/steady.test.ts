import { expect, test } from 'vitest'
import { steady } from '../../../src/dashboard/model/steady.ts'

const row = (id: string, state = 'running') => ({ id, state })

test('while somebody points at rows they keep their places, tell what became of them, and new ones wait', () => {
  const shown = [row('a'), row('b')]
  const latest = (id: string) => (id === 'a' ? row('a', 'success') : undefined)
  expect(steady(shown, [row('new'), row('b')], latest)).toEqual({
    rows: [row('a', 'success'), row('b')],
    waiting: 1,
  })
})
