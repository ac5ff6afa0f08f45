import { type Clock, LIVENESS, TREND, type TrendPoint } from '../../protocol/index.ts'
import type { Feed } from '../feed/index.ts'
import type { Metrics, Totals } from '../metrics/index.ts'
import type { Change } from '../store/change.ts'
import type { Store } from '../store/store.ts'
import { within } from '../within.ts'
import { Spread } from './spread.ts'

/** A store that does not answer so long had something else to do: how it stood is then not known. */
const STANDING_MS = 2_000

interface TrendOptions {
  store: Pick<Store, 'queueInfo'>
  metrics: Pick<Metrics, 'totals'>
  feed: Pick<Feed, 'publish' | 'lose'>
  clock: Clock
}

/** The span that runs: what there was at its begin, and what came since. */
interface Span {
  readonly began: number
  readonly due: number
  readonly totals: Totals
  readonly cancels: Spread
}

/**
 * How this server did in the last hour, for those who watch. The counts are those of the metrics, by how much they rose. A
 * span that could not be measured as it should (the process stalled or slept, the store did not answer) is left out:
 * there is a hole, not a zero and not a peak. Points rise in time: a clock that is set back begins anew.
 */
export class Trend {
  readonly #options: TrendOptions
  readonly #points: TrendPoint[] = []
  #version = 0
  #span: Span
  #cancelTimer: () => void = () => {}
  #stopped = false

  constructor(options: TrendOptions) {
    this.#options = options
    this.#span = this.#begin()
  }

  /** The oldest first. */
  get points(): readonly TrendPoint[] {
    return this.#points
  }

  /** What commits changed. */
  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const stopped = change.kind === 'workflow' ? change.passage?.cancel?.stopped : undefined
      if (stopped !== undefined) this.#span.cancels.add(stopped)
    }
  }

  start(): void {
    this.#span = this.#begin()
    this.#cancelTimer = this.#options.clock.after(TREND.spanMs, () => void this.#end())
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
  }

  #begin(): Span {
    const { clock, metrics } = this.#options
    const due = clock.monotonic() + TREND.spanMs
    return { began: clock.now(), due, totals: metrics.totals, cancels: new Spread() }
  }

  /** Owned by its timer; never rejects. */
  async #end(): Promise<void> {
    const { store, clock } = this.#options
    const span = this.#span
    const late = this.#isLate(span)
    this.start()
    const { totals } = this.#span
    try {
      const { pending, running, agents } = await within(clock, STANDING_MS, store.queueInfo())
      if (late || this.#stopped) return
      const cancelMs = span.cancels.get()
      const rose = risen(span.totals, totals)
      this.#add({ version: ++this.#version, time: new Date(span.began), ...rose, pending, running, agents, cancelMs })
    } catch {
      // A hole: whoever runs the server hears of its store elsewhere.
    }
  }

  /** By either clock: the monotonic one stands still while a machine sleeps, the other may be set. */
  #isLate({ began, due }: Span): boolean {
    const { clock } = this.#options
    const off = Math.abs(clock.now() - began - TREND.spanMs)
    return clock.monotonic() - due > LIVENESS.stallMs || off > LIVENESS.stallMs
  }

  #add(point: TrendPoint): void {
    const { feed } = this.#options
    const points = this.#points
    const last = points.at(-1)
    const setBack = last !== undefined && last.time >= point.time
    if (setBack) points.length = 0
    points.push(point)
    if (points.length > TREND.points) points.shift()
    if (setBack) feed.lose('trend', 'the clock of the server was set back')
    else feed.publish('trend', { kind: 'trend', point })
  }
}

function risen(from: Totals, to: Totals): Totals {
  return {
    success: to.success - from.success,
    failure: to.failure - from.failure,
    canceled: to.canceled - from.canceled,
    lines: to.lines - from.lines,
  }
}
