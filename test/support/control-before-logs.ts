import { expect } from 'vitest'
import { LOGS } from '../../src/protocol/index.ts'
import { onStage } from './on-stage.ts'
import { fairness, quantile } from './quantiles.ts'
import { type Control, SlowLink } from './slow-link.ts'
import type { Stage } from './stage.ts'

/** Ninety-ninth percentiles of one round, in milliseconds. */
export type Round = Record<(typeof KINDS)[number], number>

const KINDS = ['cancelMs', 'receiptMs', 'extendMs', 'doneMs'] as const
/** What waits under way at this rate: the window's 100 ms, and the frames that the agent's socket holds. */
const USUAL_BYTES = 256 * 1024

interface Flood {
  bytes: number
  rounds: number
  /** Workflows that are extended, cancelled and ended in each round. */
  each: number
  /** Flags of `serve`. */
  flags: string[]
}

/**
 * Logs wait in an agent behind a link of 1 MB/s while others of its workflows are extended, cancelled and ended. Every lease
 * is kept, no workflow is favoured, no line is lost, and control waits for no more log than the window lets under way.
 */
export async function controlBeforeLogs({ bytes, rounds, each, flags }: Flood): Promise<Round[]> {
  const done: Round[] = []
  await onStage(async (stage) => {
    await stage.serve(...flags)
    const link = await SlowLink.open(stage)
    link.flood(bytes)
    for (let round = 0; round < rounds; round++) {
      const all = await link.controls(each)
      expect(Math.max(...all.map(({ receiptBytes }) => receiptBytes))).toBeLessThan(LOGS.windowMax)
      expect(
        quantile(
          all.map(({ receiptBytes }) => receiptBytes),
          0.5,
        ),
      ).toBeLessThan(USUAL_BYTES)
      done.push(roundOf(all))
    }
    const stored = await link.stored()
    // Else nothing was in the way.
    expect(Math.max(...stored)).toBeLessThan(link.lines)
    expect(fairness(stored)).toBeGreaterThan(0.95)
    link.proxy.up.weather = {}
    await link.end()
    await expectWhole(stage, link)
  })
  return done
}

function roundOf(all: readonly Control[]): Round {
  const of = (kind: keyof Round, q: number) =>
    quantile(
      all.map((one) => one[kind]),
      q,
    )
  console.log(
    KINDS.map((kind) => `${kind} p50 ${of(kind, 0.5).toFixed(0)} p99 ${of(kind, 0.99).toFixed(0)}`).join('   '),
  )
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind, 0.99)])) as Round
}

async function expectWhole(stage: Stage, link: SlowLink): Promise<void> {
  for (const { workflowId } of link.loud) {
    const ended = await stage.watch.ended(workflowId, 120_000)
    expect(ended).toMatchObject({ state: 'success', attempt: 1, lost: null, logs: 'complete', missing: [] })
    expect(ended.steps[0]?.lines).toBe(link.lines)
  }
}
