import { Worker } from 'node:worker_threads'
import { builtBeside } from '../../../host/index.ts'
import { BusError, type ErrorBody } from '../../../protocol/index.ts'
import type { Call, EngineOptions, Timed } from './engine.ts'
import type { Link } from './front.ts'

export type ToWorker = { kind: 'calls'; calls: Call[] } | { kind: 'close' }
export type FromWorker = { kind: 'ready' } | { kind: 'refused'; error: ErrorBody } | { kind: 'outcome'; outcome: Timed }

/** The engine in a thread of its own, so that an fsync stalls no socket. */
export class ThreadLink implements Link {
  readonly #worker: Worker
  #outcome: (outcome: Timed) => void = () => {}
  #failure: (error: Error) => void = () => {}
  #failed: Error | undefined
  #closed = false

  /** Resolves once the database is open; rejects with what kept it from opening. */
  static async open(options: EngineOptions): Promise<ThreadLink> {
    const link = new ThreadLink(new Worker(builtBeside(import.meta.url, './worker.js'), { workerData: options }))
    await link.#ready()
    return link
  }

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  post(calls: Call[]): void {
    this.#tell({ kind: 'calls', calls })
  }

  onOutcome(listener: (outcome: Timed) => void): void {
    this.#outcome = listener
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failure = listener
    if (this.#failed !== undefined) listener(this.#failed)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    this.#tell({ kind: 'close' })
    await exited
  }

  #ready(): Promise<void> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const ended = (code: number): void => reject(new Error(`the store's thread ended with ${code}`))
      worker.once('error', reject)
      worker.once('exit', ended)
      worker.once('message', (message: FromWorker) => {
        // Only ours: Node keeps listeners of its own there, without which no message comes any more.
        worker.removeListener('error', reject)
        worker.removeListener('exit', ended)
        if (message.kind === 'refused') return reject(BusError.from(message.error))
        this.#watch()
        resolve()
      })
    })
  }

  #watch(): void {
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'outcome') this.#outcome(message.outcome)
    })
    this.#worker.once('error', (error) => this.#fail(error))
    this.#worker.once('exit', (code) => this.#fail(new Error(`the store's thread ended with ${code}`)))
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#failed = error instanceof Error ? error : new Error(String(error))
    this.#failure(this.#failed)
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message)
  }
}
