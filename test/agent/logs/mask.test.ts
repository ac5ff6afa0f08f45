import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskOf, StreamMask } from '../../../src/agent/logs/mask.ts'
import { Secrets } from '../../../src/agent/logs/secrets.ts'

describe('secrets', () => {
  test('become stars wherever they stand in a line', () => {
    const mask = maskOf({ A: 'hunter2', B: 'p.*(w)[$|^]-/\\' })
    expect(mask('hunter2 and xhunter2x')).toBe('******** and x********x')
    expect(mask('p.*(w)[$|^]-/\\ but not p__(w)')).toBe('******** but not p__(w)')
  })

  test('are masked whole although a shorter one begins, ends or lies in them', () => {
    const mask = maskOf({ A: 'token', B: 'token-of-production', C: 'production', D: '-of-' })
    expect(mask('token-of-production token production -of-')).toBe('******** ******** ******** ********')
  })

  test('that overlap become stars together', () => {
    expect(maskOf({ A: 'abcdef', B: 'defghi' })('<abcdefghi>')).toBe('<********>')
    expect(maskOf({ A: 'anana' })('bananana')).toBe('b********')
  })

  test('of several lines are masked line by line, short lines are not', () => {
    const mask = maskOf({ KEY: '-----BEGIN-----\r\nabcdef\nxy\n-----END-----\n' })
    expect(mask('-----BEGIN-----\nabcdef\nxy\n-----END-----')).toBe('********\n********\nxy\n********')
    expect(mask('-----BEGIN-----\r\nabcdef\r\nxy\r\n-----END-----\r\n')).toBe(
      '********\r\n********\r\nxy\r\n********\r\n',
    )
  })

  test('are known without the space around them', () => {
    expect(maskOf({ A: '  hunter2 \n' })('is hunter2.')).toBe('is ********.')
  })

  test('are known as JSON and a shell that traces write them', () => {
    const mask = maskOf({ A: `pa"ss'w\\rd` })
    expect(mask(JSON.stringify({ A: `pa"ss'w\\rd` }))).toBe('{"A":"********"}')
    expect(mask(String.raw`+ echo 'pa"ss'\''w\rd'`)).toBe("+ echo '********'")
    expect(mask(String.raw`+ echo 'pa"ss'"'"'w\rd'`)).toBe("+ echo '********'")
  })

  test('of three characters or fewer are left alone', () => {
    expect(maskOf({ A: 'yes', B: '', C: ' no \n' })('yes it is no')).toBe('yes it is no')
  })
})

const letters = (maxLength: number, minLength = 0) =>
  fc.array(fc.constantFrom('a', 'b', 'c', '🚂', '\n'), { minLength, maxLength }).map((all) => all.join(''))

/** What a mask must do, said the slow way: each character of a secret goes, and each run of overlapping ones is one. */
function plainly(text: string, values: string[]): string {
  const covered = Array<boolean>(text.length).fill(false)
  /** Nothing overlaps across the beginning of this character. */
  const open = Array<boolean>(text.length).fill(true)
  for (const value of values) {
    for (let at = 0; at < text.length; at++) {
      if (!text.startsWith(value, at)) continue
      covered.fill(true, at, at + value.length)
      open.fill(false, at + 1, at + value.length)
    }
  }
  return [...covered.keys()].map((at) => (covered[at] ? (open[at] ? '********' : '') : text[at])).join('')
}

describe('for any secrets and any text', () => {
  const secrets = fc.array(letters(12, 4), { minLength: 1, maxLength: 5 })
  const named = (values: string[]) => Object.fromEntries(values.map((value, at) => [`S${at}`, value]))

  test('nothing of them is left and everything else is', () => {
    fc.assert(
      fc.property(secrets, letters(60), (values, text) => {
        const lines = values.flatMap((value) => value.split('\n')).filter((line) => line.length >= 4)
        expect(maskOf(named(values))(text)).toBe(plainly(text, lines))
      }),
      { numRuns: 500 },
    )
  })

  test('a stream shows the same however it is cut', () => {
    fc.assert(
      fc.property(secrets, fc.array(letters(8), { maxLength: 12 }), (values, texts) => {
        const stream = new StreamMask(new Secrets(named(values)))
        const shown = texts.map((text) => stream.push(text)).join('') + stream.end()
        expect(shown).toBe(maskOf(named(values))(texts.join('')))
      }),
      { numRuns: 500 },
    )
  })

  test('a stream holds back no more than may yet be one', () => {
    const stream = new StreamMask(new Secrets({ A: 'abcdef' }))
    expect(stream.push('xabcde')).toBe('x')
    expect(stream.holding).toBe(true)
    expect(stream.push('!')).toBe('abcde!')
    expect(stream.push('abc\n')).toBe('abc\n')
    expect(stream.holding).toBe(false)
    expect(stream.push('abcdef')).toBe('********')
    expect(stream.holding).toBe(false)
  })
})
