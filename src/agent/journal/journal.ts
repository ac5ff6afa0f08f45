import { type Lock, startOf } from '../../host/index.ts'
import type { Clock, Log, Offer } from '../../protocol/index.ts'
import type { GapPart, MemoryPart } from '../logs/part.ts'
import type { LogSpool } from '../logs/spool.ts'
import type { Trace } from '../run.ts'
import { bare, type Result } from './entries.ts'
import type { JournalFile } from './journal-file.ts'
import type { LineFile } from './line-file.ts'
import { LinesKept } from './lines-kept.ts'
import type { Held, JournalState } from './state.ts'

/** The longest a line waits for its copy on disk. */
const SAVE_MS = 1_000

interface Parts {
  readonly boot: string
  readonly state: JournalState
  readonly inherited: readonly Held[]
  readonly replaces: readonly string[]
  readonly file: JournalFile
  readonly lines: LineFile
  readonly lock: Lock
  readonly log: Log
  readonly clock: Clock
}

/** Lines of a step that a predecessor made, and the number of the next. */
export interface Legacy {
  readonly stepId: string
  readonly next: number
  readonly parts: Iterable<MemoryPart | GapPart>
}

/**
 * What an agent must still know after it was killed: the leases it holds, what their steps left on this machine, results
 * and lines that the server has not confirmed. Owns the files and one timer.
 */
export class Journal {
  /** @internal Of the connection that uses it. */
  readonly boot: string
  /** @internal Leases of predecessors. */
  readonly inherited: readonly Held[]
  readonly #parts: Parts
  readonly #kept: LinesKept
  #replaces: readonly string[]
  #spool: LogSpool | undefined
  #cancelSave: (() => void) | undefined
  #closed = false

  /** @internal `openJournal` makes it. */
  constructor(parts: Parts) {
    this.boot = parts.boot
    this.inherited = parts.inherited
    this.#parts = parts
    this.#replaces = parts.replaces
    this.#kept = new LinesKept(parts.lines)
    this.#kept.adopt(new Set(parts.inherited.map(({ offer }) => offer.lease)))
  }

  /** @internal Of the agent's name: the same each time this folder is used. */
  get suffix(): string {
    return this.#parts.state.suffix
  }

  /** @internal Former boots that are dead for certain, for the next hello. */
  get replaces(): string[] {
    return [...this.#replaces]
  }

  /** @internal One connection uses it, and its lines from then on. */
  attach(spool: LogSpool): void {
    if (this.#spool !== undefined) throw new TypeError('a journal serves one connection')
    this.#spool = spool
  }

  /** @internal From here on nothing is noted: what the server has not confirmed is left to the next start. */
  detach(): void {
    this.#saveAll()
    this.#cancelSave?.()
    this.#closed = true
  }

  /** @internal The server has answered the hello. */
  welcomed(): void {
    this.#replaces = []
    const { boots } = this.#parts.state
    if (boots.length > 1 || boots[0]?.welcomed !== true) this.#note({ type: 'welcome', boot: this.boot })
  }

  /** @internal On disk before `init`. Rejects where the disk does not take it: then the work must not be accepted. */
  async lease(offer: Offer): Promise<void> {
    this.#append({ type: 'lease', offer: bare(offer) })
    await this.#parts.file.sync()
  }

  /** @internal What a step leaves on this machine if this process dies. */
  trace(lease: string, trace: Trace): void {
    if ('folder' in trace) this.#note({ type: 'folder', lease, path: trace.folder })
    else this.#note({ type: 'group', lease, group: { id: trace.group, started: startOf(trace.group) } })
  }

  /** @internal Every line, then the result, are on disk before `done`. */
  async result(result: Result): Promise<void> {
    if (this.#spool !== undefined) this.#kept.save(result.lease, this.#spool)
    await this.#parts.lines.sync()
    this.#append({ type: 'result', result })
    await this.#parts.file.sync()
  }

  /** @internal Lines were written. */
  wrote(): void {
    if (this.#closed) return
    this.#cancelSave ??= this.#parts.clock.after(SAVE_MS, () => {
      this.#cancelSave = undefined
      this.#saveAll()
    })
  }

  /** @internal Lines up to here are on the server's disk. */
  stored(lease: string, stepId: string, upto: number): void {
    this.#kept.stored(lease, stepId, upto)
  }

  /** @internal What a predecessor left of a lease's lines. */
  *legacy({ offer, result }: Held): Generator<Legacy> {
    const made = new Map(this.#kept.steps(offer.lease).map(({ stepId, next }) => [stepId, next]))
    for (const { stepId, lines } of result?.steps ?? []) if (lines > 0) made.set(stepId, lines + 1)
    for (const [stepId, next] of made) yield { stepId, next, parts: this.#kept.parts(offer.lease, stepId, next) }
  }

  /** @internal Nothing is owed of a lease any more. */
  forget(lease: string): void {
    if (this.#closed || !this.#parts.state.leases.has(lease)) return
    this.#kept.drop(lease)
    this.#note({ type: 'gone', lease })
  }

  /** Gives the folder to whoever starts next. */
  async close(): Promise<void> {
    this.detach()
    const { file, lines, lock } = this.#parts
    await file.close()
    await lines.close()
    await lock.release()
  }

  #saveAll(): void {
    if (this.#spool === undefined || this.#closed) return
    for (const lease of this.#parts.state.leases.keys()) this.#kept.save(lease, this.#spool)
  }

  /** What may be forgotten without harm to anything but speed. */
  #note(entry: Parameters<JournalFile['append']>[0]): void {
    try {
      this.#append(entry)
    } catch (error) {
      this.#parts.log.error({ error: String(error), entry: entry.type }, 'the journal cannot be written')
    }
  }

  #append(entry: Parameters<JournalFile['append']>[0]): void {
    if (this.#closed) return
    this.#parts.file.append(entry)
    this.#parts.state.apply(entry)
  }
}
