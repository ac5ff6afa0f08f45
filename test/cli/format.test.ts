import { describe, expect, test } from 'vitest'
import { harmless } from '../../src/cli/follow/harmless.ts'
import { type Style, showDuration, styleOf } from '../../src/cli/format.ts'
import { table } from '../../src/cli/table.ts'
import { FakeWorld } from './fake-world.ts'

const wide: Style = { color: false, unicode: true, columns: Number.POSITIVE_INFINITY }

describe('what people read', () => {
  test.each([
    [0, '0ms'],
    [999, '999ms'],
    [1234, '1.2s'],
    [59_999, '59s'],
    [65_000, '1m05s'],
    [3_600_000, '1h00m'],
    [100_000_000, '1d03h'],
  ])('%i ms is %s', (ms, shown) => {
    expect(showDuration(ms)).toBe(shown)
  })

  test('a table lines up, and names cannot steer the terminal', () => {
    const rows = [
      ['1', 'a\x1b[2J'],
      ['22', 'b'],
    ]
    expect(table(['ID', 'NAME'], rows, wide)).toBe('ID  NAME\n1   a\uFFFD[2J\n22  b\n')
  })

  test('a table counts cells, not characters', () => {
    const rows = [
      ['建設', 'x'],
      ['e\u0301', 'y'],
    ]
    expect(table(['NAME', 'STATE'], rows, wide)).toBe('NAME  STATE\n建設  x\ne\u0301     y\n')
  })

  test('a table that finds no room cuts its widest columns, and never an id', () => {
    const rows = [['ABCDEFGHIJKLMNOPQRST', 'a very long name of a workflow', 'running']]
    const shown = table(['ID', 'NAME', 'STATE'], rows, { ...wide, columns: 45 })
    expect(shown).toBe('ID                    NAME            STATE\nABCDEFGHIJKLMNOPQRST  a very long n…  running\n')
    const narrow = table(['ID', 'NAME', 'STATE'], rows, { ...wide, columns: 10 })
    expect(narrow).toContain('ABCDEFGHIJKLMNOPQRST')
  })

  test('a state has its colour in a table', () => {
    const shown = table(['STATE', 'NAME'], [['online, unschedulable', 'online']], { ...wide, color: true })
    expect(shown).toBe('STATE                  NAME\n\x1b[32monline, unschedulable\x1b[0m  online\n')
  })

  test('colours and fancy characters only where they are wanted', () => {
    const style = (isTerminal: boolean, env: Record<string, string>) =>
      styleOf(new FakeWorld([], { terminal: isTerminal }).stdout, env)
    expect(style(true, { LANG: 'C.UTF-8' })).toEqual({ color: true, unicode: true, columns: 80 })
    expect(style(true, { NO_COLOR: '1', LANG: 'C.UTF-8' })).toMatchObject({ color: false, unicode: true })
    expect(style(true, { TERM: 'dumb' })).toMatchObject({ color: false, unicode: false })
    expect(style(false, {})).toEqual({ color: false, unicode: false, columns: Number.POSITIVE_INFINITY })
  })

  test.each([
    ['\x1b[32mgreen\x1b[0m', '\x1b[32mgreen\x1b[0m\x1b[0m', 'green'],
    ['\x1b[2Jwiped\x1b[10;3H', 'wiped', 'wiped'],
    ['\x1b]0;title\x07x\x1b]8;;http://a\x1b\\y', 'xy', 'xy'],
    ['10%\r50%\r100%\r', '100%', '100%'],
    ['a\u0007b\u009bc', 'a\uFFFDb\uFFFDc', 'a\uFFFDb\uFFFDc'],
    ['\x1b', '', ''],
  ])('lets a line of a job change colours and nothing else: %j', (line, colored, plain) => {
    expect(harmless(line, { ...wide, color: true })).toBe(colored)
    expect(harmless(line, wide)).toBe(plain)
  })
})
