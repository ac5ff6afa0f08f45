import { BusError, type Clock } from '../../../protocol/index.ts'
import type { Actor } from '../audit.ts'
import type { Change } from '../change.ts'
import type { Batch, Store } from '../store.ts'
import type { Call, Timed } from './engine.ts'
import { OPS, type OpName } from './ops.ts'

/** Where batches go: the engine in a thread, or in this process. */
export interface Link {
  /** Hands a batch over; its outcome comes by `onOutcome`. */
  post(calls: Call[]): void
  onOutcome(listener: (outcome: Timed) => void): void
  /** The engine is gone; nothing that is under way will be answered. */
  onFailure(listener: (error: Error) => void): void
  /** Ends the engine once it has done what was posted. */
  close(): Promise<void>
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The store's end in the caller's thread: turns calls into batches and outcomes into promises. */
export class Front {
  readonly #link: Link
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #listener: (changes: readonly Change[]) => void = () => {}
  #batch: (batch: Batch) => void = () => {}
  #outbox: Call[] = []
  #lastId = 0
  #gone: BusError | undefined
  #idle: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(link: Link, clock: Clock, failed: (error: Error) => void) {
    this.#link = link
    this.#clock = clock
    link.onOutcome((outcome) => this.#settle(outcome))
    link.onFailure((error) => {
      this.#fail(`the store has failed: ${error.message}`)
      failed(error)
    })
  }

  /** What is asked in one tick travels as one batch. */
  call(op: OpName, args: unknown[], who?: Actor): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone)
    const id = ++this.#lastId
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush())
    this.#outbox.push({ id, op, args, now: this.#clock.now(), ...(who === undefined ? {} : { who }) })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  listen(listener: (changes: readonly Change[]) => void): void {
    this.#listener = listener
  }

  measure(listener: (batch: Batch) => void): void {
    this.#batch = listener
  }

  /** A second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#gone === undefined) {
      this.#gone = new BusError('unavailable', 'the store is closed')
      this.#flush()
    }
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    await this.#link.close()
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    const batch = this.#outbox
    // First: a link in this thread tells changes within `post`, and whoever hears them may ask the next thing at once.
    this.#outbox = []
    this.#link.post(batch)
  }

  /** The changes are told first, so that whoever goes on finds them told. */
  #settle({ settled, changes, ms }: Timed): void {
    try {
      this.#batch({ calls: settled.length, ms })
      if (changes.length > 0) this.#listener(changes)
    } finally {
      for (const answer of settled) {
        const waiting = this.#waiting.get(answer.id)
        this.#waiting.delete(answer.id)
        if ('error' in answer) waiting?.reject(BusError.from(answer.error))
        else waiting?.resolve(answer.value)
      }
      if (this.#waiting.size === 0) this.#idle?.()
    }
  }

  /** What was under way may have been committed; what comes after was not even asked. */
  #fail(why: string): void {
    this.#gone = new BusError('unavailable', why)
    this.#outbox = []
    const lost = new BusError('unavailable', why, { outcome: 'unknown' })
    for (const { reject } of this.#waiting.values()) reject(lost)
    this.#waiting.clear()
    this.#idle?.()
  }
}

/** The store's interface over a front: every operation by its name. */
export function storeOver(front: Front, who?: Actor): Store {
  const names = Object.keys(OPS) as OpName[]
  const calls = Object.fromEntries(names.map((op) => [op, (...args: unknown[]) => front.call(op, args, who)]))
  return {
    ...(calls as unknown as Pick<Store, OpName>),
    as: (somebody) => storeOver(front, somebody),
    onChange: (listener) => front.listen(listener),
    onBatch: (listener) => front.measure(listener),
    close: () => front.close(),
  }
}
