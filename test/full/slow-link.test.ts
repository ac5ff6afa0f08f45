import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { controlBeforeLogs } from '../support/control-before-logs.ts'
import { onStage } from '../support/on-stage.ts'
import { residentBytes } from '../support/proc.ts'
import { fairness, quantile } from '../support/quantiles.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

test('with 50 MB of logs queued on a link of 1 MB/s, cancel, extend and done take less than 300 ms at p99', async () => {
  const rounds = await controlBeforeLogs({ bytes: 50_000_000, rounds: 3, each: 100, flags: ['--lease', '30s'] })
  for (const kind of ['cancelMs', 'receiptMs', 'extendMs', 'doneMs'] as const) {
    const p99 = rounds.map((round) => round[kind])
    expect(quantile(p99, 0.5), kind).toBeLessThan(300)
  }
})

const MiB = 1024 * 1024
const LINES = 170_000
/** A heap that the 16 MiB of lines fit into which an agent keeps in memory, and 50 MB do not. */
const SMALL = { NODE_OPTIONS: '--max-old-space-size=48' }

const loud = (number: number, gate: string) => `
name: loud ${number}
steps:
  - name: write
    commands:
      - until [ -e ${gate} ]; do sleep 0.02; done
      - yes '${'.'.repeat(99)}' | head -n ${LINES}
`

test('50 MB of three workflows pass a link of 1 MB/s in equal shares, and neither end grows with them', () =>
  onStage(async (stage) => {
    await stage.serve('--lease', '30s')
    const proxy = await TcpProxy.before(stage)
    const agent = await stage.agent({ name: 'loud', capacity: 3, url: proxy.url, env: SMALL })
    const gate = stage.path('gate')
    const ids = await Promise.all([1, 2, 3].map((number) => stage.submit(loud(number, gate), '--grace', '1s')))
    for (const id of ids) await stage.watch.until(id, ({ steps }) => steps[0]?.state === 'running')
    const weigh = () => [agent.pid, stage.server.process.pid].map((pid) => residentBytes(pid) / MiB)
    const before = weigh()
    const most = [...before]
    proxy.up.weather = { bytesPerSecond: 1_000_000 }
    writeFileSync(gate, '')

    const lines = async () => Promise.all(ids.map(async (id) => (await stage.watch.get(id))?.steps[0]?.lines ?? 0))
    const half = async () => {
      for (const [at, weight] of weigh().entries()) most[at] = Math.max(most[at] ?? 0, weight)
      const now = await lines()
      return now.reduce((sum, one) => sum + one, 0) > (3 * LINES) / 2 ? now : null
    }
    const shares = await waitUntil(half, { limitMs: 300_000, what: 'half of the lines' })
    const growth = most.map((weight, at) => weight - (before[at] ?? 0))
    console.log(
      `lines at half time ${shares.join(' ')}; growth in MiB: agent ${growth[0]?.toFixed(0)}, server ${growth[1]?.toFixed(0)}`,
    )
    expect(fairness(shares)).toBeGreaterThan(0.95)
    expect(growth[0]).toBeLessThan(96)
    expect(growth[1]).toBeLessThan(64)
    for (const id of ids) {
      const ended = await stage.watch.ended(id, 300_000)
      expect(ended).toMatchObject({ state: 'success', attempt: 1, lost: null, logs: 'complete' })
      expect(ended.steps[0]?.lines).toBeGreaterThanOrEqual(LINES)
    }
  }))
