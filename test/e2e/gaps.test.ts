import { expect, test } from 'vitest'
import { type Run, runAgent } from '../../src/agent/index.ts'
import { onStage } from '../support/on-stage.ts'
import { RawAgent } from '../support/raw-agent.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const LINES = 4_000
const line = (number: number) => `line ${number} `.padEnd(99, '.')
const ONE_STEP = (more = '') => `name: one\n${more}steps:\n  - name: write\n    commands: not used\n`

interface Range {
  stepId: string
  from: number
  to: number | null
  reason: string
}
interface Shown {
  state: string
  logs: string
  attempt: number
  missing: Range[]
  steps: { lines: number }[]
}
interface Row {
  step: string
  line: number
  to?: number | null
  kind: string
  text: string
}

const show = async (stage: Stage, id: string) => (await stage.json('show', id)) as Shown
const rowsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row) as Row)

/** Writes all its lines while nothing leaves the machine, with room for a part of them; then the network is back. */
async function floodWithoutRoom(stage: Stage): Promise<string> {
  const proxy = await TcpProxy.to(stage.server.port)
  const run: Run = async (job) => {
    const [step] = job.steps
    step?.start()
    proxy.up.hold()
    for (let number = 1; number <= LINES; number++) step?.write('out', line(number))
    proxy.up.release()
    step?.end({ state: 'success' })
  }
  const room = { memoryBytes: 64 * 1024, fileBytes: 64 * 1024 }
  const token = await stage.agentToken()
  const agent = runAgent({ url: proxy.url, token, agent: { name: 'narrow', capacity: 1 }, spool: room, run })
  stage.cleanups.push(async () => {
    await agent.drain()
    await proxy.close()
  })
  return stage.submit(ONE_STEP())
}

async function http(stage: Stage, path: string, accept: string): Promise<string> {
  const headers = { authorization: `Bearer ${stage.adminToken}`, accept }
  return (await fetch(`${stage.server.url}/api/workflows/${path}`, { headers })).text()
}

test('lines that an agent had no room for are named by every door, with the same numbers', { timeout: 180_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    const id = await floodWithoutRoom(stage)
    const follower = stage.start(['logs', '-f', id], {
      DRUMLINE_URL: stage.server.url,
      DRUMLINE_TOKEN: stage.adminToken,
    })
    await stage.watch.ended(id, 60_000)

    const shown = await show(stage, id)
    const [gap] = shown.missing
    if (gap === undefined || gap.to === null) throw new Error(`no gap: ${JSON.stringify(shown)}`)
    expect(shown).toMatchObject({ state: 'success', logs: 'incomplete', missing: [gap], steps: [{ lines: LINES }] })
    expect(gap.from).toBeGreaterThan(1)
    expect(gap.to).toBeLessThan(LINES)
    const { from, to } = gap
    const sentence = `lines ${from} to ${to} of write are missing: the agent had no room left for these lines`
    const there = Array.from({ length: LINES }, (_, at) => at + 1).filter((number) => number < from || number > to)
    const text = there.map((number) => `${line(number)}\n`).join('')

    expect((await stage.run(['show', id])).stdout).toContain(`the log is not whole:\n  ${sentence}\n`)
    const logs = await stage.run(['logs', id])
    expect(logs.stdout === text).toBe(true)
    expect(logs.stderr).toBe(`drumline: ${sentence}\n`)
    expect(await follower.finished(60_000)).toMatchObject({ code: 0 })
    expect(follower.stdout() === text).toBe(true)
    expect(follower.stderr()).toBe(`drumline: ${sentence}\n`)

    const rows = (await stage.run(['logs', id, '--json'])).stdout
    expect(rowsOf(rows).filter(({ kind }) => kind === 'gap')).toMatchObject([{ step: 'write', line: from, to }])
    expect(
      rowsOf(rows)
        .filter(({ kind }) => kind === 'out')
        .map((row) => row.line),
    ).toEqual(there)
    expect((await http(stage, `${id}/logs`, 'application/x-ndjson')) === rows).toBe(true)
    expect((await http(stage, `${id}/logs`, 'text/plain')).replace(`[drumline: ${sentence}]\n`, '') === text).toBe(true)
  }),
)

const UNKNOWN = 'its agent was lost before it said how many lines there are'
const QUICK = ['--test-timings', '--lease', '1s']

test(
  'the log of an agent that is lost for good is open for its time, and then says that its end is not known',
  {
    timeout: 180_000,
  },
  () =>
    onStage(async (stage) => {
      await stage.serve(...QUICK)
      const id = await stage.submit(ONE_STEP('max_attempts: 1\n'))
      const agent = await RawAgent.open(stage, { name: 'lost' })
      const { lease } = await agent.take()
      agent.log(lease, 's1', 1, 'one', 'two', 'three')
      await agent.end.hears('stored', ({ upto }) => upto === 3)
      await agent.end.close()

      await stage.watch.until(id, ({ state }) => state === 'error', { limitMs: 60_000 })
      expect(await show(stage, id)).toMatchObject({ logs: 'open', missing: [] })
      await stage.watch.ended(id, 90_000)
      const shown = await show(stage, id)
      expect(shown).toMatchObject({ logs: 'incomplete', missing: [{ from: 4, to: null, reason: UNKNOWN }] })
      const sentence = `whatever followed line 3 of write is missing: ${UNKNOWN}`
      expect((await stage.run(['show', id])).stdout).toContain(`  ${sentence}\n`)
      const logs = await stage.run(['logs', id])
      expect(logs).toMatchObject({ stdout: 'one\ntwo\nthree\n', stderr: `drumline: ${sentence}\n` })
      const rows = (await stage.run(['logs', id, '--json'])).stdout
      expect(rowsOf(rows).at(-1)).toMatchObject({ step: 'write', line: 4, to: null, kind: 'gap', text: sentence })
      expect(await http(stage, `${id}/logs`, 'application/x-ndjson')).toBe(rows)
      expect(await http(stage, `${id}/logs`, 'text/plain')).toBe(`one\ntwo\nthree\n[drumline: ${sentence}]\n`)
    }),
)

test('each attempt has a log of its own, and says itself what is missing of it', { timeout: 180_000 }, () =>
  onStage(async (stage) => {
    await stage.serve('--test-timings', '--lease', '5s')
    const id = await stage.submit(ONE_STEP(), '--grace', '1s')
    const first = await RawAgent.open(stage, { name: 'twice', boot: 'b1' })
    const one = await first.take()
    first.log(one.lease, 's1', 1, 'of one', 'of one')
    first.end.send({ type: 'gap', lease: one.lease, stepId: 's1', from: 3, to: 9, reason: 'no room' })
    await first.end.hears('stored', ({ upto }) => upto === 9)
    await first.end.close()
    // It comes back and knows nothing of it.
    const again = await RawAgent.open(stage, { name: 'twice', boot: 'b1', dial: 2 })
    const two = await again.take()
    again.log(two.lease, 's1', 1, 'of two')
    await again.done(two.lease, 's1', 1)

    expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', attempt: 2, logs: 'complete', missing: [] })
    expect(await stage.run(['logs', id])).toMatchObject({ stdout: 'of two\n', stderr: '' })
    const old = await stage.run(['logs', id, '--attempt', '1'])
    const sentences = [
      'lines 3 to 9 of write are missing: no room',
      `whatever followed line 9 of write is missing: ${UNKNOWN}`,
    ]
    expect(old.stdout).toBe('of one\nof one\n')
    expect(old.stderr).toBe(sentences.map((sentence) => `drumline: ${sentence}\n`).join(''))
    const followed = await stage.run(['logs', id, '--attempt', '1', '-f'])
    expect(followed).toMatchObject({ stdout: old.stdout, stderr: old.stderr })
    const rows = await stage.run(['logs', id, '--attempt', '1', '--json'])
    expect(rowsOf(rows.stdout).map(({ kind }) => kind)).toEqual(['out', 'out', 'gap', 'gap'])
    expect(await http(stage, `${id}/logs?attempt=1`, 'application/x-ndjson')).toBe(rows.stdout)
    expect(await http(stage, `${id}/logs?attempt=1`, 'text/plain')).toBe(
      `of one\nof one\n${sentences.map((sentence) => `[drumline: ${sentence}]\n`).join('')}`,
    )
  }),
)
