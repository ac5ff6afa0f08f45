import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spansOf } from '../../../src/dashboard/pages/workflow/log/ansi.ts'
import { rowText } from '../../../src/dashboard/pages/workflow/log/row-text.ts'
import { visibleText } from '../../../src/protocol/index.ts'

const spans = (text: string, colours = '') =>
  spansOf({ text, colours }).map((span) => [span.text, span.class, ...(span.style === undefined ? [] : [span.style])])
const shown = (text: string) =>
  spansOf({ text, colours: '' })
    .map((span) => span.text)
    .join('')

describe('a line with escape sequences', () => {
  test.each([
    [
      'the sixteen colours',
      '\x1b[31mred\x1b[92mgreen\x1b[39mnone',
      [
        ['red', 'ansi-text-1'],
        ['green', 'ansi-text-10'],
        ['none', ''],
      ],
    ],
    [
      'grounds',
      '\x1b[44mblue\x1b[103myellow\x1b[49m.',
      [
        ['blue', 'ansi-ground-4'],
        ['yellow', 'ansi-ground-11'],
        ['.', ''],
      ],
    ],
    [
      'bold, and its end',
      '\x1b[1mb\x1b[22mn',
      [
        ['b', 'ansi-bold'],
        ['n', ''],
      ],
    ],
    [
      'the last word in one sequence',
      '\x1b[31;0mplain\x1b[0;32mgreen',
      [
        ['plain', ''],
        ['green', 'ansi-text-2'],
      ],
    ],
    [
      '256 colours',
      '\x1b[38;5;9mred\x1b[38;5;202mo',
      [
        ['red', 'ansi-text-9'],
        ['o', '', { color: '#ff5f00' }],
      ],
    ],
    ['true colours', '\x1b[38;2;1;2;3mt', [['t', '', { color: '#010203' }]]],
    [
      'true colours with colons',
      '\x1b[38:2::255:0:128mt\x1b[4:3mu',
      [
        ['t', '', { color: '#ff0080' }],
        ['u', 'ansi-underline', { color: '#ff0080' }],
      ],
    ],
    [
      'a true ground, with text that can be read on it',
      '\x1b[48;2;0;60;0mt',
      [['t', '', { color: '#ffffff', background: '#003c00' }]],
    ],
    ['inverse', '\x1b[7mi', [['i', 'ansi-text-ground ansi-ground-text']]],
    ['inverse of a colour', '\x1b[31;7mi', [['i', 'ansi-ground-1']]],
    ['underlined and struck', '\x1b[4;9mx', [['x', 'ansi-underline ansi-strikethrough']]],
    [
      'what is no colour: moves, titles, bells, links',
      '\x1b[2Ka\x1b[10;3Hb\x1b]0;title\x07c\x1b]8;;http://x\x1b\\d\x1b]8;;\x1b\\m',
      [['abcdm', '']],
    ],
    ['what is cut off', 'a\x1b[31', [['a31', '']]],
    ['colours beyond what there is', '\x1b[38;5;999ma\x1b[38;2;1;2mb\x1b[999mc', [['abc', '']]],
  ])('shows %s', (_, text, expected) => {
    expect(spans(text).filter(([piece]) => piece !== '')).toEqual(expected)
  })

  test('goes on in the colours that the line before it left', () => {
    expect(spans('still red', '\x1b[31m')).toEqual([['still red', 'ansi-text-1']])
  })

  test('shows what was written last after carriage returns, in its colours', () => {
    expect(shown('10%\r50%\r100%')).toBe('100%')
    expect(shown('whole line\r')).toBe('whole line')
    expect(spans('\x1b[32m10%\r20%')).toEqual([['20%', 'ansi-text-2']])
    expect(spansOf({ text: 'a\rb', colours: '' }, { whole: true })[0]?.text).toBe('a␍b')
  })

  test('lets no control character out, whatever it holds', () => {
    const odd = fc.constantFrom(
      '\x1b',
      '[',
      ']',
      'm',
      ';',
      ':',
      '3',
      '8',
      '5',
      '\r',
      '\x07',
      '\x00',
      '\x9b',
      '\x7f',
      'a',
      '\\',
      'é',
      '🙂',
    )
    fc.assert(
      fc.property(
        fc.array(odd, { maxLength: 60 }).map((characters) => characters.join('')),
        (text) => {
          for (const whole of [true, false]) {
            const out = spansOf({ text, colours: '' }, { whole })
            // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
            for (const span of out) expect(span.text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/)
            // As long as what the server looks through: a place in one is the same place in the other.
            if (whole) expect(out.map((span) => span.text).join('')).toHaveLength(visibleText(text).length)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('what is looked for', () => {
  const marks = (text: string, wanted: string) =>
    rowText({ number: 1, ms: 0, kind: 'out', text, colours: '' }, { wanted, whole: false })
      .spans.filter(({ found }) => found)
      .map((span) => span.text)

  test.each([
    ['in large or small letters', 'Error: an ERROR', 'error', ['Error', 'ERROR']],
    ['across colours', 'fo\x1b[31mo b\x1b[0mar', 'foo bar', ['fo', 'o b', 'ar']],
    ['in what was written over', 'needle\rdone', 'needle', ['needle']],
    ['far to the right', `${'x'.repeat(5000)}needle`, 'needle', ['needle']],
    ['after letters that become two', 'İİ needle', 'needle', ['needle']],
    ['nowhere', 'hay', 'needle', []],
    ['for nothing', 'hay', '', []],
  ])('is marked %s', (_, text, wanted, expected) => {
    expect(marks(text, wanted)).toEqual(expected)
  })

  test('and a long line says how much of it is not shown', () => {
    const line = { number: 1, ms: 0, kind: 'out', text: 'x'.repeat(8000), colours: '' } as const
    expect(rowText(line, { wanted: '', whole: false }).left).toBe(6000)
    expect(rowText(line, { wanted: '', whole: true }).left).toBe(0)
  })
})
