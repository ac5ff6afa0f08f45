import { describe, expect, test } from 'vitest'
import { MESSAGES } from '../protocol/attacks.ts'
import { settle } from '../support/fake-clock.ts'
import { ask, Grounds, STATES } from './support/states.ts'

const NAMES = ['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty', 'valueOf', '', 'x'.repeat(10_240)]

describe.each(STATES)('%s:', (state) => {
  test('case 9: the corpus of attacks ends its own connection, and leaves no trace', async () => {
    const grounds = await Grounds.open()
    const before = Reflect.ownKeys(Object.prototype)
    for (const [what, text] of MESSAGES) {
      const port = await grounds.connect(state)
      port.say(text)
      await settle()
      expect(port.closed?.code, what).toBe(4502)
    }
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
    expect(grounds.bugs).toEqual([])
  })
})

describe.each(STATES.filter((state) => state !== 'before hello'))('%s:', (state) => {
  test('case 10: a method that is a property of every object is none, and the answer is short', async () => {
    const grounds = await Grounds.open()
    const port = await grounds.connect(state)
    for (const name of NAMES) {
      port.sent = []
      ask(port, name, {})
      await settle()
      expect(port.sent, name.slice(0, 20)).toHaveLength(1)
      expect(port.sent[0]).toContain('"unknown_method"')
      expect(port.sent[0]?.length).toBeLessThan(300)
    }
    expect(port.closed).toBeUndefined()
    expect(grounds.bugs).toEqual([])
  })
})
