import { describe, expect, test } from 'vitest'
import { footOf } from '../../../src/cli/top/foot.ts'
import { keysOf, type Order, press, UNTOUCHED } from '../../../src/cli/top/keys.ts'

const BUILD = { id: 'w1', name: 'build' }
const LINT = { id: 'w2', name: 'lint' }
const SEEN = { running: [BUILD, LINT], queue: { paused: false } }
const PLAIN = { color: false, unicode: true, columns: 80 }

/** What keys amount to, one after the other. */
function type(text: string, seen = SEEN, controls = UNTOUCHED) {
  const orders: Order[] = []
  let now = controls
  for (const key of keysOf(text)) {
    const pressed = press(now, key, seen)
    now = pressed.controls
    if (pressed.order !== undefined) orders.push(pressed.order)
  }
  return { controls: now, orders, foot: footOf(now, undefined, PLAIN) }
}

const ESC = '\x1b'
const cancel = ({ id, name }: typeof BUILD, reason?: string) => ({ kind: 'cancel', id, name, reason })

describe('keys', () => {
  test.each([
    ['q', [{ kind: 'leave' }]],
    ['\x03', [{ kind: 'leave' }]],
    ['jc\x03', [{ kind: 'leave' }]],
    ['p', []],
    ['py', [{ kind: 'pause' }]],
    ['pn', []],
    ['pq', []],
    ['y', []],
    ['c', []],
    ['cy', []],
    ['jc', []],
    ['jcy', [cancel(BUILD)]],
    ['jcn', []],
    ['jjcy', [cancel(LINT)]],
    ['jjjcy', [cancel(LINT)]],
    ['kcy', [cancel(LINT)]],
    ['jjkcy', [cancel(BUILD)]],
    [`${ESC}[B${ESC}OB${ESC}[Acy`, [cancel(BUILD)]],
    [`j${ESC}cy`, []],
    ['jcrwrong branch\r', [cancel(BUILD, 'wrong branch')]],
    ['jcrqyx\x7f\b!\r', [cancel(BUILD, 'q!')]],
    ['jcr \r', [cancel(BUILD)]],
    [`jcroops${ESC}y`, []],
    ['jcr建設\r', [cancel(BUILD, '建設')]],
    [`${ESC}[15~${ESC}[3~\x01\u202e`, []],
  ])('%j orders what it says, and nothing unasked', (text, orders) => {
    expect(type(text).orders).toEqual(orders)
  })

  test('a paused queue is resumed by the same key', () => {
    expect(type('py', { ...SEEN, queue: { paused: true } }).orders).toEqual([{ kind: 'resume' }])
  })

  test('nothing is asked of a queue that is not known', () => {
    expect(press(UNTOUCHED, 'p', { running: [], queue: null }).controls.question).toBeUndefined()
  })

  test('a chosen workflow that ended gives its place to no other', () => {
    const { controls } = type('j')
    const after = type('cy', { ...SEEN, running: [LINT] }, controls)
    expect(after.orders).toEqual([])
    expect(type('c', { ...SEEN, running: [LINT] }, controls).foot).toEqual(['it has ended by itself'])
  })

  test('what was asked about is canceled, whatever was chosen or ended meanwhile', () => {
    const { controls } = type('jc')
    expect(type('y', { ...SEEN, running: [LINT] }, controls).orders).toEqual([cancel(BUILD)])
  })

  test.each([
    ['', ['? keys  q quit']],
    ['?', ['q quit  p pause  j k choose  c cancel', '? hide  arrows choose, esc chooses none']],
    ['??', ['? keys  q quit']],
    ['p', ['Pause the queue? What runs goes on. y/n']],
    ['c', ['choose a running workflow first, with j and k']],
    ['jc', ['Cancel build? y/n, r: reason']],
    ['jcrwhy', ['Reason: why_  enter cancels build, esc does not']],
  ])('after %j the bottom shows what can be done', (text, foot) => {
    expect(type(text).foot).toEqual(foot)
  })

  test('a question is seen whole on forty columns, whatever the name', () => {
    const long = { ...BUILD, name: `\u001b[2J${'建'.repeat(100)}` }
    const { controls } = type('jc', { ...SEEN, running: [long] })
    const [question = ''] = footOf(controls, undefined, { ...PLAIN, columns: 40 })
    expect(question).toMatch(/^Cancel \uFFFD\[2J建+…\? y\/n, r: reason$/)
    expect(question).not.toMatch(/\p{Cc}/u)
  })

  test('how an order stands is told whole, on as many lines as it takes', () => {
    const note = 'cancel of build: received after 4 ms; stopping after 5 ms; stopped after 130 ms'
    const lines = footOf(UNTOUCHED, note, { ...PLAIN, columns: 40 })
    expect(lines.slice(0, -1).join(' ')).toBe(note)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40)
  })
})
