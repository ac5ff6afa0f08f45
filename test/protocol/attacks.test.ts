import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CloseError, decodeEach, MESSAGE, readRich } from '../../src/protocol/index.ts'
import { MESSAGES, RICH } from './attacks.ts'

/** Each attack is refused, quickly, and leaves no trace. */

const LIMIT_MS = 100
const GROWTH = 20 * 1024 * 1024

const baseline = Reflect.ownKeys(Object.prototype)
const realRegExp = globalThis.RegExp
let built: number

beforeEach(() => {
  built = 0
  globalThis.RegExp = new Proxy(realRegExp, {
    construct(target, args) {
      built++
      return Reflect.construct(target, args) as object
    },
  })
})

afterEach(() => {
  globalThis.RegExp = realRegExp
})

function leavesNoTrace(attack: () => void): void {
  const heap = process.memoryUsage()
  const started = process.cpuUsage()
  expect(attack).toThrow(CloseError)
  const { user } = process.cpuUsage(started)
  const after = process.memoryUsage()
  expect(user / 1000).toBeLessThan(LIMIT_MS)
  expect(after.heapUsed - heap.heapUsed).toBeLessThan(GROWTH)
  expect(after.arrayBuffers - heap.arrayBuffers).toBeLessThan(GROWTH)
  expect(Reflect.ownKeys(Object.prototype)).toEqual(baseline)
  expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
  expect(built).toBe(0)
}

describe('case 9: a superjson value', () => {
  test.each(RICH)('with %s is refused', (_, text) => {
    const data: unknown = JSON.parse(text)
    leavesNoTrace(() => readRich(data))
  })
})

describe('case 9: a message', () => {
  test.each(MESSAGES)('with %s is refused', (_, text) => {
    const receives = text.includes('"type":"event"') ? 'server' : 'agent'
    leavesNoTrace(() => decodeEach(text, { receives, maxBytes: MESSAGE.helloBytes }, () => {}))
  })
})

test('the trap for expressions would see one', () => {
  const made = Reflect.construct(RegExp, ['a']) as RegExp
  expect(made.test('a')).toBe(true)
  expect(built).toBe(1)
})
