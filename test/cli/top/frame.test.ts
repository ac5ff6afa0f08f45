import { expect, test } from 'vitest'
import { frameOf, sparkOf } from '../../../src/cli/top/frame.ts'
import { agentView, detail } from '../../server/queue/builder.ts'

const NOW = Date.UTC(2030, 0, 1, 12)
const PLAIN = { color: false, unicode: true, columns: 80 }
const ago = (seconds: number) => new Date(NOW - seconds * 1_000)
const QUEUE = { version: 1, pending: 3, waiting: 1, offered: 0, running: 1, agents: 1, paused: true }
const EMPTY = { queue: null, agents: [], running: [], ended: [], points: [], url: 'http://h', offline: undefined }

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
  expect(lines.join('\n')).toBe(`drumline http://h  live
Queue     3 pending, 1 waiting, 0 offered, 1 running  paused: nothing is handed out
Ended     ▂█ 5 in 20s
Cancels    █ 2, the longest 12ms

Agents: 1 of 2 slots taken
NAME   STATE   SLOTS  RUNS
anvil  online  1/2    build

Running
NAME   AGENT  FOR    ID
build  anvil  1m15s  w2

Ended
NAME  STATE    TOOK  ENDED    ID
lint  success  10s   30s ago  w1
`)
})

test('an outage is told with its age, and what is not known is not made up', () => {
  const lines = frameOf({ ...EMPTY, points: null, offline: { why: 'refused', since: NOW - 5_000 } }, NOW, PLAIN)
  expect(lines.slice(0, 3)).toEqual([
    'drumline http://h  offline for 5.0s: refused',
    'Queue     -',
    'Trend     not shown to a credential with labels',
  ])
})

test('names cannot steer the terminal', () => {
  const evil = '\u001b[2J\u009b1m'
  const running = [detail('w', { name: evil, state: 'running', agent: evil, started: ago(1) })]
  const lines = frameOf({ ...EMPTY, running, agents: [agentView(evil)] }, NOW, PLAIN)
  expect(lines.join('')).not.toMatch(/\p{Cc}/u)
})

test('a sparkline is blank where there was nothing', () => {
  expect(sparkOf([0, 1, 4, 8], { unicode: true })).toBe(' ▁▄█')
  expect(sparkOf([0, 1, 4, 8], { unicode: false })).toBe(' .=@')
})
