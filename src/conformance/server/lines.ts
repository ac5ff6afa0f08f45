import { CLOSE, LOGS, newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import type { Actor } from './actor.ts'
import { endsWith } from './handshake.ts'
import type { Play } from './play.ts'

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`)

async function expectLines(play: Play, id: string, wanted: readonly string[]): Promise<void> {
  const stored = await play.lines(id)
  expects(stored.join('\n') === wanted.join('\n'), `the lines ${wanted.join(', ')}`, () => stored.join(', '))
}

/** Fills the credit with frames that the server drops or stores; answers what was sent. */
function spend(agent: Actor, lease: string, cost: number): number {
  const lines = Array(LOGS.frameLines).fill('')
  const each = lines.length * (1 + LOGS.lineCost)
  let spent = 0
  for (let from = 1; spent < cost; from += lines.length) {
    agent.log(lease, from, lines)
    spent += each
  }
  return spent
}

const limitOf = (agent: Actor) => Math.max(agent.welcome.credit, ...agent.wire.all('credit').map(({ limit }) => limit))

/** Logs. */
export const LINES = {
  async stored(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.log(lease, 1, numbered(1, 3))
    agent.log(lease, 4, numbered(4, 5))
    await agent.stored(lease, 5)
    await expectLines(play, id, numbered(1, 5))
    return 'stored up to 5, and all five can be read'
  },

  async twice(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.log(lease, 1, numbered(1, 4))
    agent.log(lease, 1, ['another one', 'another two'])
    agent.log(lease, 3, ['another three', 'another four', ...numbered(5, 6)])
    await agent.stored(lease, 6)
    await expectLines(play, id, numbered(1, 6))
    return 'six lines in eleven sent are six lines'
  },

  async hole(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.log(lease, 1, numbered(1, 2))
    await agent.stored(lease, 2)
    for (const from of [5, 6, 7]) agent.log(lease, from, numbered(from, from))
    const rewind = await agent.wire.hears('stored', (frame) => frame.rewind === true)
    expects(rewind.upto === 2, 'a rewind to 2', () => rewind)
    await agent.wire.round()
    const rewinds = agent.wire.all('stored').filter((frame) => frame.rewind === true)
    expects(rewinds.length === 1, 'one rewind for one hole', () => rewinds)
    agent.log(lease, 3, numbered(3, 7))
    await agent.stored(lease, 7)
    await expectLines(play, id, numbered(1, 7))
    return 'one rewind to 2, and it goes on from 3'
  },

  async gap(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.log(lease, 1, numbered(1, 1))
    agent.wire.say({ type: 'gap', lease, stepId: 's1', from: 2, to: 9, reason: 'a test of conformance' })
    agent.log(lease, 10, numbered(10, 10))
    await agent.stored(lease, 10)
    await expectLines(play, id, ['line 1', 'line 10'])
    const { missing } = await play.get(id)
    expects(
      missing.some(({ from, to }) => from === 2 && to === 9),
      'lines 2 to 9 named as missing',
      () => missing,
    )
    return 'stored up to 10, with 2 to 9 named as missing'
  },

  async credit(play: Play) {
    const { agent, lease } = await play.running()
    // Lines at or below what is on disk are dropped: they cost credit and no disk.
    agent.log(lease, 1, Array(LOGS.frameLines).fill(''))
    await agent.stored(lease, LOGS.frameLines)
    const first = limitOf(agent)
    for (let round = 0; round < 3; round++) {
      const before = limitOf(agent)
      agent.log(lease, 1, Array(LOGS.frameLines).fill(''))
      await agent.wire.until('more credit', () => limitOf(agent) > before || round > 0)
    }
    const limits = agent.wire.all('credit').map(({ limit }) => limit)
    expects(
      limits.every((limit, at) => at === 0 || limit >= (limits[at - 1] ?? 0)),
      'a credit that only rises',
      () => limits,
    )

    const greedy = await play.running({}, { label: play.label })
    // One message, so that nothing is granted in between: several times what a new connection may send.
    const text = `${'x'.repeat(LOGS.frameBytes - 1)}\n`
    const slice = { type: 'log', lease: greedy.lease, stepId: 's1', text, runs: [[1, 0, 'out']] }
    greedy.agent.wire.say(...Array.from({ length: 15 }, (_, at) => ({ ...slice, from: at + 1 })))
    await endsWith(greedy.agent.wire, CLOSE.violation, 'logs far beyond the credit')
    return `from ${first} to ${limitOf(agent)}`
  },

  async strayLog(play: Play) {
    const { id, agent, lease } = await play.running()
    const before = limitOf(agent)
    agent.log(lease, 1, numbered(1, 3), 'no-such-step')
    const cost = spend(agent, `L${newId()}`, before / 2)
    await agent.wire.until(
      'the credit of what was dropped',
      () => limitOf(agent) > before || agent.wire.closed !== undefined,
    )
    agent.log(lease, 1, numbered(1, 2))
    await agent.stored(lease, 2)
    await expectLines(play, id, numbered(1, 2))
    return `${cost} bytes of credit came back, and the connection goes on`
  },

  async rest(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.log(lease, 1, numbered(1, 2))
    await agent.stored(lease, 2)
    await agent.done(lease, 5)
    const { logs } = await play.get(id)
    expects(logs === 'open', 'a log that is open until all lines are there', () => logs)
    agent.log(lease, 3, numbered(3, 5))
    await agent.stored(lease, 5)
    await agent.wire.round()
    const after = await play.get(id)
    expects(after.logs === 'complete', 'a log that is complete', () => after.logs)
    await expectLines(play, id, numbered(1, 5))
    return 'open after done, complete with the fifth line'
  },
}
