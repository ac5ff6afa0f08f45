import { expect, test } from 'vitest'
import type { Slice } from '../../../src/agent/logs/step-log.ts'
import { bench, storeAll } from '../logs/bench.ts'
import { Written } from '../logs/written.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
const MiB = 1024 * 1024

test('a step that writes 100 MB while no server takes them ends; what there is room for is kept, the rest is named', async () => {
  const { spool } = bench({ memoryBytes: MiB, fileBytes: 8 * MiB })
  const [lines, line] = [1_000_000, 'x'.repeat(99)]
  const job = stage.job({
    steps: [{ name: 's', commands: [`yes ${line} | head -n ${lines}`] }],
    onWrite: ({ step, kind, text }) => {
      spool.write('l1', step, kind, text, 1)
      job.written.length = 0
    },
  })
  await stage.run(job)
  expect(job.outcomes).toEqual(['s success'])
  const sent: Slice[] = []
  spool.flush('l1')
  storeAll(spool, sent, { send: (frame) => sent.push(frame), backlog: () => 0 })
  const written = new Written()
  for (const frame of sent) expect(written.take(frame)).toBe(true)
  // The echo of the command comes first.
  expect(written.upto).toBe(1 + lines)
  expect(written.lines.slice(1).every((text) => text === line)).toBe(true)
  const [gap = { from: 0, to: 0 }, ...more] = written.gaps
  expect(more).toEqual([])
  expect(written.lines.length + gap.to - gap.from + 1).toBe(1 + lines)
  const kept = written.lines.length * 100
  expect(kept).toBeGreaterThan(4 * MiB)
  expect(kept).toBeLessThan(9 * MiB)
  spool.close()
}, 60_000)
