import type { Clock, Log } from '../protocol/index.ts'

/** What a close without a close frame is called, by FIN and RST alike. */
const NO_GOODBYE = 1006
/** So many cuts at about one age are no accident. */
const CUTS = 3
/** Of those the longest over the shortest. */
const ALIKE = 1.2
/** Cuts that lie further apart have nothing to do with each other. */
const MEMORY_MS = 3_600_000
/** A connection that is quiet for less is not idle. It also keeps the pings from becoming a flood. */
const LEAST_QUIET_MS = 2_000
/** Pings come after this part of the silence that is cut, and in whole steps. */
const PART = 0.6
const STEP_MS = 500

/** How a connection that was ready ended. */
export interface Parting {
  code: number
  /** For so long nothing had passed, either way. */
  quietMs: number
  /** The server pings this often: a longer silence is an outage. */
  heartbeatMs: number
}

/**
 * Learns from how connections end that something on the way cuts those on which nothing passes, and how often to ping so
 * that it does not. Forgotten with the process: the next one may be somewhere else.
 */
export class Keepalive {
  readonly #clock: Clock
  readonly #log: Log
  #cuts: { at: number; quietMs: number }[] = []
  /** The last connection looks as if it had been cut for its silence. */
  #suspected: number | undefined
  #pingMs: number | undefined

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Milliseconds between pings of ours. Undefined: those of the server are enough. */
  get pingMs(): number | undefined {
    return this.#pingMs
  }

  ended({ code, quietMs, heartbeatMs }: Parting): void {
    const idle = code === NO_GOODBYE && quietMs >= LEAST_QUIET_MS && quietMs <= heartbeatMs * ALIKE
    this.#suspected = idle ? quietMs : undefined
  }

  /** The next dial found nobody: not the silence ended that connection, but whatever ended the server. */
  unreachable(): void {
    this.#suspected = undefined
  }

  /** There is a socket again. */
  opened(): void {
    const quietMs = this.#suspected
    if (quietMs === undefined) return
    this.#suspected = undefined
    const now = this.#clock.monotonic()
    const recent = this.#cuts.filter(({ at }) => now - at < MEMORY_MS)
    this.#cuts = [...recent, { at: now, quietMs }].slice(-CUTS)
    const ages = this.#cuts.map((cut) => cut.quietMs)
    const shortest = Math.min(...ages)
    if (ages.length === CUTS && Math.max(...ages) <= shortest * ALIKE) this.#learn(shortest)
  }

  #learn(quietMs: number): void {
    const pingMs = Math.round((quietMs * PART) / STEP_MS) * STEP_MS
    if (this.#pingMs !== undefined && pingMs >= this.#pingMs) return
    this.#pingMs = pingMs
    this.#cuts = []
    const after = `cuts a quiet connection after ${seconds(quietMs)}, three times now`
    this.#log.warn({}, `something between here and there ${after}; pinging every ${seconds(pingMs)} from now on`)
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`
}
