import { describe, expect, test } from 'vitest'
import { LiveBlock } from '../../src/cli/follow/live.ts'
import { type Frame, render } from '../../src/cli/follow/render.ts'
import type { FollowedView } from '../../src/cli/follow/view.ts'
import { step } from '../client/views.ts'
import { Screen } from './screen.ts'

const ESC = '\x1b'

const frame: Frame = { color: false, unicode: true, columns: 80, rows: 24, now: 14_000, tick: 0 }

function view(changes: Partial<FollowedView> = {}): FollowedView {
  return {
    id: 'w1',
    name: 'build',
    state: 'running',
    attempt: 1,
    agent: 'north',
    note: null,
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
      note: 'timed out',
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
    const wide = view({ name: '建設'.repeat(30), note: 'e\u0301'.repeat(50) })
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
    expect(lines).toEqual([
      '⠋ moving  running   12s · on north · test',
      '✓ done    success   1.0s',
      '1 running, 1 succeeded',
    ])
  })

  test('of very many hides what is well, and says how many', () => {
    const views = Array.from({ length: 30 }, (_, index) =>
      view({ name: `w${index}`, state: index === 25 ? 'failure' : 'success', finished: new Date(3000) }),
    )
    const lines = render(views, frame)
    expect(lines).toHaveLength(12)
    expect(lines[0]).toBe('✗ w25  failure   1.0s')
    expect(lines.at(-1)).toBe('29 succeeded, 1 failed (19 not shown)')
  })

  test('names all steps of a DAG that run', () => {
    const steps = [step('s1', { name: 'lint' }), step('s2', { name: 'test' })]
    expect(render([view({ steps })], frame)[0]).toBe('⠋ build · running · on north · 12s · lint, test')
  })

  test('colours states only where colours are wanted', () => {
    expect(render([view()], { ...frame, color: true })[0]).toMatch(`${ESC}[36m⠋${ESC}[0m build`)
  })
})

describe('LiveBlock', () => {
  test('keeps the block at the bottom while logs scroll above it', async () => {
    const screen = new Screen()
    const block = new LiveBlock(screen)
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

  test('writes nothing when nothing has changed', async () => {
    const screen = new Screen()
    const block = new LiveBlock(screen)
    await block.draw(['A'])
    const before = screen.written
    await block.draw(['A'])
    expect(screen.written).toBe(before)
  })

  test('finds its start again in a terminal that became narrower', async () => {
    const screen = new Screen()
    const block = new LiveBlock(screen)
    await block.print('one\n')
    await block.draw(['0123456789', 'B'])
    screen.narrow(5)
    await block.draw(['C'])
    expect(screen.lines).toEqual(['one', 'C', ''])
  })
})

function cells(line: string): number {
  return [...line.normalize('NFC').replace(/\p{Mn}/gu, '')].reduce(
    (sum, one) => sum + (/[\u4e00-\u9fff]/.test(one) ? 2 : 1),
    0,
  )
}
