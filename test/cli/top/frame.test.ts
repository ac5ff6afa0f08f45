import { expect, test } from 'vitest'
import { cutTo } from '../../../src/cli/top/fit.ts'
import { frameOf, sparkOf } from '../../../src/cli/top/frame.ts'
import { clipTo, widthOf } from '../../../src/cli/width.ts'
import { agentView, detail } from '../../server/queue/builder.ts'

const NOW = Date.UTC(2030, 0, 1, 12)
const PLAIN = { color: false, unicode: true, columns: 80 }
const ago = (seconds: number) => new Date(NOW - seconds * 1_000)
const QUEUE = { version: 1, pending: 3, waiting: 1, offered: 0, running: 1, agents: 1, paused: true }
const EMPTY = {
  queue: null,
  agents: [],
  running: [],
  ended: [],
  points: [],
  url: 'http://h',
  offline: undefined,
  chosen: undefined,
  foot: [],
}

test('the frame tells queue, trend, agents, what runs and what ended', () => {
  const stood = { pending: 3, running: 1, agents: 1, lines: 0, failure: 0, canceled: 0 }
  const lines = frameOf(
    {
      ...EMPTY,
      queue: QUEUE,
      agents: [agentView('anvil', { running: 1, capacity: 2 })],
      running: [detail('w2', { name: 'build', state: 'running', agent: 'anvil', started: ago(75) })],
      ended: [detail('w1', { name: 'lint', state: 'success', started: ago(40), finished: ago(30) })],
      points: [
        { ...stood, version: 1, time: ago(30), success: 1, cancelMs: null },
        { ...stood, version: 2, time: ago(20), success: 4, cancelMs: { p50: 9, max: 12, count: 2 } },
      ],
    },
    NOW,
    PLAIN,
  )
  expect(lines.join('\n')).toBe(`drumline  live  http://h
Queue     paused, 3 pending, 1 waiting, 0 offered, 1 running
Ended     ▂█ 5 in 20s
Cancels    █ 2, the longest 12ms

Agents: 1; 1 of 2 slots taken
NAME   STATE   SLOTS  RUNS
anvil  online  1/2    build

Running: 1
NAME   AGENT  FOR    ID
build  anvil  1m15s  w2

Ended
NAME  STATE    TOOK  ENDED    ID
lint  success  10s   30s ago  w1`)
})

test('an outage is told with its age, and what is not known is not made up', () => {
  const lines = frameOf({ ...EMPTY, points: null, offline: { why: 'refused', since: NOW - 5_000 } }, NOW, PLAIN)
  expect(lines.slice(0, 4)).toEqual([
    'drumline  offline for 5.0s  http://h',
    'refused',
    'Queue     -',
    'Trend     not for a token with labels',
  ])
})

test('names cannot steer the terminal', () => {
  const evil = '\u001b[2J\u009b1m'
  const running = [detail('w', { name: evil, state: 'running', agent: evil, started: ago(1) })]
  const lines = frameOf({ ...EMPTY, running, agents: [agentView(evil)] }, NOW, PLAIN)
  expect(lines.join('')).not.toMatch(/\p{Cc}/u)
})

const many = (count: number, change: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => detail(`w${index}`, change(index)))
const CROWD = {
  ...EMPTY,
  queue: { ...QUEUE, pending: 2_000 },
  agents: Array.from({ length: 300 }, (_, index) => agentView(`agent-${index}`, { capacity: 2 })),
  running: many(50, (index) => ({ name: `build ${index}`, state: 'running', agent: 'agent-1', started: ago(99) })),
  ended: many(20, () => ({ name: '建設✅'.repeat(60), state: 'failure', started: ago(40), finished: ago(30) })),
  foot: ['the question', 'the keys'],
}

test.each([
  [40, 12],
  [80, 24],
  [200, 60],
  [10, 3],
])('a crowd fits into %i×%i: no line is cut by the terminal, and the bottom is always seen', (columns, rows) => {
  const lines = frameOf(CROWD, NOW, { ...PLAIN, columns }, rows)
  expect(lines.length).toBeLessThanOrEqual(rows)
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
  expect(lines.slice(-2)).toEqual(CROWD.foot.map((line) => clipTo(line, columns, '…')))
})

test('a terminal of twelve rows still tells of agents and of what runs, and how many there are', () => {
  const text = frameOf(CROWD, NOW, { ...PLAIN, columns: 40 }, 12).join('\n')
  expect(text).toContain('Agents: 300; 0 of 600 slots taken\n')
  expect(text).toContain('Running: 50\n')
  expect(text).toContain('build 0')
})

test('without a terminal all are told', () => {
  const lines = frameOf({ ...CROWD, foot: [] }, NOW, { ...PLAIN, columns: Number.POSITIVE_INFINITY })
  expect(lines.filter((line) => /^agent-\d/.test(line))).toHaveLength(300)
  expect(lines.filter((line) => line.startsWith('build '))).toHaveLength(50)
})

test('the chosen workflow is marked, and seen even where others have no room', () => {
  const lines = frameOf({ ...CROWD, chosen: 'w49' }, NOW, PLAIN, 24)
  expect(lines.filter((line) => line.startsWith('> '))).toEqual([expect.stringContaining('build 49')])
  expect(lines.find((line) => line.includes('build 48'))).toMatch(/^ {2}build 48/)
})

test('a long name sends nothing far away, and what is being canceled says so', () => {
  const cancel = { revision: 1, reason: '', requested: ago(1), received: null, stopping: null, stopped: null }
  const one = detail('w1', { name: 'x'.repeat(200), state: 'running', agent: 'a', started: ago(9), cancel })
  const lines = frameOf({ ...EMPTY, running: [one] }, NOW, { ...PLAIN, columns: 200 })
  expect(lines.find((line) => line.startsWith('xx'))).toBe(`${'x'.repeat(39)}…  a      9.0s, canceling  w1`)
})

test('why there is no server is told whole, on as many lines as it takes', () => {
  const offline = { why: 'cannot reach ws://127.0.0.1:7800/bus: connection refused', since: NOW - 5_000 }
  const lines = frameOf({ ...EMPTY, offline }, NOW, { ...PLAIN, columns: 30 })
  expect(lines.slice(1, 4).join(' ')).toBe(offline.why)
})

test('a coloured line is cut by what is seen of it', () => {
  const style = { color: true, unicode: false, columns: 6 }
  expect(cutTo('\u001b[1mdrum\u001b[0mline', style)).toBe('\u001b[1mdrum\u001b[0ml>')
  expect(cutTo('\u001b[1mdrumli\u001b[0m', style)).toBe('\u001b[1mdrumli\u001b[0m')
})

test('a sparkline is blank where there was nothing', () => {
  expect(sparkOf([0, 1, 4, 8], { unicode: true })).toBe(' ▁▄█')
  expect(sparkOf([0, 1, 4, 8], { unicode: false })).toBe(' .=@')
})
