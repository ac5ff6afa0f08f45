import { describe, expect, test } from 'vitest'
import { harmless, LiveBlock } from '../../src/cli/follow/live.ts'
import { type Frame, render } from '../../src/cli/follow/render.ts'
import type { FollowedView } from '../../src/cli/follow/view.ts'
import { showDuration, styleOf, table } from '../../src/cli/format.ts'
import type { Output } from '../../src/cli/world.ts'
import { step } from '../client/views.ts'

const ESC = '\x1b'
const TOKEN = new RegExp(`${ESC}\\[\\d*[AJ]|\\r|\\n|[^${ESC}\\r\\n]+`, 'g')

const frame: Frame = { color: false, unicode: true, columns: 80, rows: 24, now: 14_000, tick: 0 }

function view(changes: Partial<FollowedView> = {}): FollowedView {
  return {
    id: 'w1',
    name: 'build',
    state: 'running',
    attempt: 1,
    agent: 'north',
    error: null,
    started: new Date(2000),
    finished: null,
    steps: [
      step('s1', { name: 'compile', state: 'success', exitCode: 0, started: new Date(2000), finished: new Date(5000) }),
      step('s2', { name: 'test', started: new Date(5000) }),
      step('s3', { name: 'publish', state: 'pending', started: null }),
    ],
    lines: new Map([['s2', 1234]]),
    ...changes,
  }
}

describe('the block below the logs', () => {
  test('shows a workflow, its steps, how long and how far', () => {
    expect(render([view()], frame)).toEqual([
      '⠋ build · running · on north · 12s · test',
      '  ✓ compile · 3.0s',
      '  ⠋ test · 9.0s · 1,234 lines',
      '  · publish',
    ])
  })

  test('shows how it ended', () => {
    const steps = [step('s1', { name: 'test', state: 'failure', exitCode: 7, finished: new Date(4000), lines: 1 })]
    const ended = view({
      state: 'failure',
      finished: new Date(4000),
      error: 'timed out',
      steps,
      attempt: 2,
      lines: new Map(),
    })
    expect(render([ended], frame)).toEqual([
      '✗ build · failure · attempt 2 · 2.0s · timed out',
      '  ✗ test · 2.0s · exit 7 · 1 line',
    ])
  })

  test('waits without steps', () => {
    const waiting = view({ state: 'pending', started: null, agent: null, attempt: 0 })
    expect(render([waiting], frame)).toEqual(['· build · pending'])
  })

  test('does without the fancy characters where the locale has none', () => {
    expect(render([view()], { ...frame, unicode: false })).toEqual([
      '| build - running - on north - 12s - test',
      '  + compile - 3.0s',
      '  | test - 9.0s - 1,234 lines',
      '  . publish',
    ])
  })

  test.each([1, 2, 5, 10, 20, 37])('is never wider than a terminal of %i columns', (columns) => {
    const wide = view({ name: '建設'.repeat(30), error: 'e\u0301'.repeat(50) })
    for (const unicode of [true, false]) {
      const lines = render([wide], { ...frame, columns, unicode })
      for (const line of lines) expect(cells(line)).toBeLessThan(Math.max(columns, 1))
    }
  })

  test.each([3, 5, 8, 24])('is never higher than a terminal of %i rows, and keeps what runs', (rows) => {
    const steps = Array.from({ length: 40 }, (_, index) =>
      step(`s${index}`, { state: index < 20 ? 'success' : index === 20 ? 'running' : 'pending' }),
    )
    const lines = render([view({ steps })], { ...frame, rows })
    expect(lines.length).toBeLessThanOrEqual(rows - 2)
    if (rows > 4) expect(lines.join('\n')).toContain('⠋ s20')
  })

  test('of several shows those that move first, and counts all', () => {
    const done = view({ name: 'done', state: 'success', finished: new Date(3000) })
    const lines = render([done, view({ name: 'moving' })], frame)
    expect(lines[0]).toContain('moving')
    expect(lines.at(-1)).toBe('1 running, 1 success')
  })

  test('colours states only where colours are wanted', () => {
    expect(render([view()], { ...frame, color: true })[0]).toMatch(`${ESC}[36m⠋${ESC}[0m build`)
    expect(styleOf(true, { NO_COLOR: '1', LANG: 'C.UTF-8' })).toEqual({ color: false, unicode: true })
    expect(styleOf(true, { TERM: 'dumb' })).toEqual({ color: false, unicode: false })
    expect(styleOf(false, {})).toMatchObject({ color: false })
  })
})

/** What a terminal shows after this was written: enough of one for the block. */
class Screen implements Output {
  readonly isTerminal = true
  readonly columns = 80
  readonly rows = 24
  lines: string[] = ['']

  async write(text: string): Promise<void> {
    for (const [token] of text.matchAll(TOKEN)) {
      const up = /\[(\d+)A$/.exec(token)
      // The cursor stands at the start of an empty last line whenever this comes.
      if (up !== null) this.lines = [...this.lines.slice(0, -1 - Number(up[1])), '']
      else if (token === '\n') this.lines.push('')
      else if (!token.startsWith(ESC) && token !== '\r') this.lines[this.lines.length - 1] += token
    }
  }
}

describe('LiveBlock', () => {
  test('keeps the block at the bottom while logs scroll above it', async () => {
    const screen = new Screen()
    const block = new LiveBlock(screen, { color: false, unicode: true })
    await block.draw(['A', 'B'])
    await block.print('one\n')
    expect(screen.lines).toEqual(['one', 'A', 'B', ''])
    await block.draw(['C'])
    await block.print('two\nthree\n')
    expect(screen.lines).toEqual(['one', 'two', 'three', 'C', ''])
    block.leave()
    await block.print('after\n')
    expect(screen.lines).toEqual(['one', 'two', 'three', 'C', 'after', ''])
  })

  test.each([
    ['\x1b[32mgreen\x1b[0m', '\x1b[32mgreen\x1b[0m\x1b[0m', 'green'],
    ['\x1b[2Jwiped\x1b[10;3H', 'wiped', 'wiped'],
    ['\x1b]0;title\x07x\x1b]8;;http://a\x1b\\y', 'xy', 'xy'],
    ['10%\r50%\r100%\r', '100%', '100%'],
    ['a\u0007b\u009bc', 'a\uFFFDb\uFFFDc', 'a\uFFFDb\uFFFDc'],
    ['\x1b', '', ''],
  ])('lets a line of a job change colours and nothing else: %j', (line, colored, plain) => {
    expect(harmless(line, { color: true, unicode: true })).toBe(colored)
    expect(harmless(line, { color: false, unicode: true })).toBe(plain)
  })
})

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
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'a\x1b[2J'],
          ['22', 'b'],
        ],
      ),
    ).toBe('ID  NAME\n1   a\uFFFD[2J\n22  b\n')
  })
})

function cells(line: string): number {
  return [...line.normalize('NFC').replace(/\p{Mn}/gu, '')].reduce(
    (sum, one) => sum + (/[\u4e00-\u9fff]/.test(one) ? 2 : 1),
    0,
  )
}
