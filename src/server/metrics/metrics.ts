import { type Clock, RELEASE } from '../../protocol/index.ts'
import type { Connections } from '../connections.ts'
import type { Feed } from '../feed/index.ts'
import type { LogMemory } from '../logs/memory.ts'
import type { Change } from '../store/change.ts'
import type { Store } from '../store/store.ts'
import { within } from '../within.ts'
import { BusMetrics } from './bus.ts'
import { Instruments } from './instruments.ts'
import { LogMetrics } from './logs.ts'
import { LoopLag } from './loop-lag.ts'
import { processMetrics } from './process.ts'
import { StoreMetrics } from './store.ts'
import { type Standing, WorkMetrics } from './work.ts'

/** A scrape does not wait longer for the store: what only that knows is then left out. */
const STANDING_MS = 2_000
const LAGS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

interface Sources {
  store: Pick<Store, 'queueInfo' | 'agentTotals'>
  clock: Clock
  connections: Connections
  feed: Pick<Feed, 'size'>
  logMemory: Pick<LogMemory, 'used'>
}

/** Workflows that ended, and lines of logs that were stored. */
export interface Totals {
  readonly success: number
  /** Errors are among them. */
  readonly failure: number
  readonly canceled: number
  readonly lines: number
}

/** What one server counts, for whoever watches it. Counting is an addition; the rest is done when somebody asks. */
export class Metrics {
  readonly bus: BusMetrics
  readonly logs: LogMetrics
  readonly store: StoreMetrics
  readonly #work: WorkMetrics
  readonly #sources: Sources
  readonly #make = new Instruments()
  readonly #lag: LoopLag
  #standing: Standing | undefined

  constructor(sources: Sources) {
    const make = this.#make
    this.#sources = sources
    make.gauges('drumline_info', 'Always 1; its label tells the version.', 'version', () => ({ [RELEASE]: 1 }))
    this.#work = new WorkMetrics(make, () => this.#standing)
    this.bus = new BusMetrics(make, sources.connections)
    this.logs = new LogMetrics(make, sources)
    this.store = new StoreMetrics(make)
    const lag = make.histogram(
      'drumline_event_loop_lag_seconds',
      'How late the server got to what was due, looked at twice a second. While it is late, nobody is answered.',
      LAGS,
    )
    this.#lag = new LoopLag(sources.clock, lag)
    processMetrics(make)
  }

  start(): void {
    this.#lag.start()
  }

  stop(): void {
    this.#lag.stop()
  }

  /** What commits changed. */
  take(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'workflow') this.#work.workflow(change)
      else if (change.kind === 'attempt') this.#work.attempt(change)
      else if (change.kind === 'log') this.logs.stored(change)
    }
  }

  /** What has been counted since the start. */
  get totals(): Totals {
    const work = this.#work
    return {
      success: work.ended('success'),
      failure: work.ended('failure') + work.ended('error'),
      canceled: work.ended('canceled'),
      lines: this.logs.lines,
    }
  }

  /** Everything in the text format of Prometheus, and its content type. */
  async text(): Promise<{ type: string; body: string }> {
    this.#standing = await this.#look()
    const { registry } = this.#make
    return { type: registry.contentType, body: await registry.metrics() }
  }

  async #look(): Promise<Standing | undefined> {
    const { store, clock } = this.#sources
    try {
      const [queue, agents] = await within(clock, STANDING_MS, Promise.all([store.queueInfo(), store.agentTotals()]))
      return { queue, agents }
    } catch {
      return undefined
    }
  }
}
