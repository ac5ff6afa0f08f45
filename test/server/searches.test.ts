import { expect, test } from 'vitest'
import { BusError, SEARCH } from '../../src/protocol/index.ts'
import { Searches } from '../../src/server/searches.ts'

const CALL = { signal: new AbortController().signal }

function held(): { promise: Promise<string>; end: (text: string) => void } {
  let end: (text: string) => void = () => {}
  const promise = new Promise<string>((resolve) => {
    end = resolve
  })
  return { promise, end }
}

test('searches go one by one, also after one that failed', async () => {
  const searches = new Searches()
  const begun: string[] = []
  const first = held()
  const start = (name: string, search: () => Promise<string>) =>
    searches.run(CALL, () => {
      begun.push(name)
      return search()
    })
  const a = start('a', () => first.promise)
  const b = start('b', () => Promise.reject(new BusError('not_found', 'no such workflow')))
  const c = start('c', () => Promise.resolve('c'))
  await Promise.resolve()
  expect(begun).toEqual(['a'])
  first.end('a')
  await expect(b).rejects.toMatchObject({ code: 'not_found' })
  expect(await a).toBe('a')
  expect(await c).toBe('c')
  expect(begun).toEqual(['a', 'b', 'c'])
})

test('a search that nobody waits for any more is left out', async () => {
  const searches = new Searches()
  const first = held()
  const a = searches.run(CALL, () => first.promise)
  const controller = new AbortController()
  let ran = false
  const b = searches.run(controller, async () => {
    ran = true
  })
  controller.abort()
  first.end('a')
  await expect(b).rejects.toMatchObject({ code: 'canceled' })
  expect([await a, ran]).toEqual(['a', false])
})

test('too many at a time are told to come later, and are taken once there is room', async () => {
  const searches = new Searches()
  const first = held()
  const waiting = Array.from({ length: SEARCH.waiting }, () => searches.run(CALL, () => first.promise))
  await expect(searches.run(CALL, () => first.promise)).rejects.toMatchObject({ code: 'busy', retry: 'later' })
  first.end('done')
  await Promise.all(waiting)
  expect(await searches.run(CALL, async () => 'late')).toBe('late')
})
