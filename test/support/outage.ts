import { expect } from 'vitest'
import { onStage } from './on-stage.ts'
import type { Stage } from './stage.ts'
import { Ticker } from './ticker.ts'

/** How the server leaves, and how long it stays away. */
export interface Outage {
  signal: 'SIGTERM' | 'SIGKILL'
  awayMs: number
  /** Flags of `serve`. */
  flags?: string[]
}

/** A workflow runs, the server leaves and comes back: the workflow ends as attempt 1, once, with all its lines. */
export function surviveOutage({ signal, awayMs, flags = [] }: Outage): Promise<void> {
  return onStage(async (stage) => {
    await stage.serve(...flags)
    await stage.agent({ name: 'steady' })
    const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
    const { steps } = await ticker.ticked(20)
    await leave(stage, signal)
    await away(awayMs)
    await stage.serve(...flags)
    await ticker.ticked((steps[0]?.lines ?? 0) + 20)
    ticker.letGo()
    await ticker.expectOnce()
  })
}

/** A workflow ends while the server is away: the end is delivered when it is back. */
export function endDuringOutage(flags: string[]): Promise<void> {
  return onStage(async (stage) => {
    await stage.serve(...flags)
    await stage.agent({ name: 'steady' })
    const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
    await ticker.ticked(5)
    await leave(stage, 'SIGKILL')
    ticker.letGo()
    await away(500)
    await stage.serve(...flags)
    await ticker.expectOnce()
  })
}

async function leave(stage: Stage, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const { process } = stage.server
  process.signal(signal)
  const exit = await process.finished(70_000)
  expect(exit).toEqual(signal === 'SIGTERM' ? { code: 0, signal: null } : { code: null, signal })
}

/** The outage itself is what is tried, so this much real time has to pass. */
function away(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
