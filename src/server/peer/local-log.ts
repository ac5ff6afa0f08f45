import { BusError, type Clock, LOGS, type LogKind, type LogRun, splitLine, utf8Length } from '../../protocol/index.ts'
import type { By, LogStore } from '../store/store.ts'

const RETRY_MS = 1000

interface Chunk {
  from: number
  to: number
  /** Null: lines that did not fit into memory. */
  text: string | null
  runs: LogRun[]
  bytes: number
}

interface LocalLogOptions {
  by: By
  lease: string
  stepId: string
  store: Pick<LogStore, 'appendLog'>
  clock: Clock
  budget: Budget
  /** The lease takes no more lines. */
  refused: () => void
}

/** What all logs of one peer may hold in memory. */
export class Budget {
  #used = 0

  take(bytes: number): boolean {
    if (this.#used + bytes > LOGS.memoryBytes) return false
    this.#used += bytes
    return true
  }

  release(bytes: number): void {
    this.#used -= bytes
  }
}

/** The lines of one step on their way to the store: gathered, written one chunk after the other, never blocking. */
export class LocalLog {
  readonly #options: LocalLogOptions
  #chunks: Chunk[] = []
  #last = 0
  #writing = false
  #ended = false
  #cancel: (() => void) | undefined
  #idle: (() => void)[] = []

  constructor(options: LocalLogOptions) {
    this.#options = options
  }

  /** Lines so far, stored or not. */
  get lines(): number {
    return this.#last
  }

  write(kind: LogKind, text: string, ms: number): void {
    if (this.#ended || text === '') return
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n')
    for (const line of lines) {
      const pieces = splitLine(line, LOGS.lineBytes)
      for (const [at, piece] of pieces.entries()) {
        this.#add(`${piece}\n`, at < pieces.length - 1 ? goesOn(kind) : kind, ms)
      }
    }
    if (this.#chunks.length > 1) this.#pump()
    else this.#cancel ??= this.#options.clock.after(LOGS.flushMs, () => this.#pump())
  }

  /** Resolves once nothing waits any more. */
  flushed(): Promise<void> {
    if (this.#chunks.length === 0) return Promise.resolve()
    const done = new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#pump()
    return done
  }

  /** Lets go of everything. */
  end(): void {
    this.#ended = true
    this.#cancel?.()
    this.#cancel = undefined
    for (const { bytes } of this.#chunks) this.#options.budget.release(bytes)
    this.#chunks = []
    this.#tellIdle()
  }

  #add(line: string, kind: LogKind, ms: number): void {
    const bytes = utf8Length(line)
    this.#last += 1
    const kept = this.#options.budget.take(bytes)
    const open = this.#openChunk(kept ? bytes : null)
    open.to = this.#last
    if (!kept) return
    open.text += line
    open.bytes += bytes
    const run = open.runs.at(-1)
    if (run !== undefined && run[1] === ms && run[2] === kind) run[0] += 1
    else open.runs.push([1, ms, kind])
  }

  /** The chunk that still takes so many bytes (null: a gap), not one that is being written. */
  #openChunk(bytes: number | null): Chunk {
    const last = this.#chunks.at(-1)
    const beingWritten = this.#writing && this.#chunks.length === 1
    if (last !== undefined && !beingWritten && takes(last, bytes)) return last
    const chunk: Chunk = { from: this.#last, to: this.#last, text: bytes === null ? null : '', runs: [], bytes: 0 }
    this.#chunks.push(chunk)
    return chunk
  }

  #pump(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const chunk = this.#chunks[0]
    if (chunk === undefined) this.#tellIdle()
    if (chunk === undefined || this.#writing || this.#ended) return
    this.#writing = true
    const { lease, stepId, by, store } = this.#options
    const { from, to, text, runs } = chunk
    const place = { lease, stepId, from, to }
    const append =
      text === null ? { ...place, lines: null, reason: 'too many lines waited' } : { ...place, lines: { text, runs } }
    store.appendLog(by, append).then(
      () => this.#written(chunk),
      (error: unknown) => this.#failed(error),
    )
  }

  #written(chunk: Chunk): void {
    this.#writing = false
    if (this.#chunks[0] !== chunk) return
    this.#chunks.shift()
    this.#options.budget.release(chunk.bytes)
    this.#pump()
  }

  #failed(error: unknown): void {
    this.#writing = false
    if (this.#ended) return
    if (error instanceof BusError && error.code === 'stale_lease') {
      this.end()
      this.#options.refused()
      return
    }
    this.#cancel ??= this.#options.clock.after(RETRY_MS, () => this.#pump())
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell()
  }
}

function takes(chunk: Chunk, bytes: number | null): boolean {
  if (chunk.text === null || bytes === null) return chunk.text === null && bytes === null
  if (chunk.bytes + bytes > LOGS.frameBytes || chunk.runs.length >= LOGS.frameRuns) return false
  return chunk.to - chunk.from + 1 < LOGS.frameLines
}

function goesOn(kind: LogKind): LogKind {
  return kind.endsWith('+') ? kind : (`${kind}+` as LogKind)
}
