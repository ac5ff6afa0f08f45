import { Worker } from 'node:worker_threads'
import { builtBeside, isBuilt } from '../../../host/index.ts'
import { BusError, type Clock } from '../../../protocol/index.ts'
import { type ParsedWorkflows, parseWorkflows, type WorkflowFile } from '../../../workflow/index.ts'

/** Characters that are read at once, at the cost of some milliseconds at worst. */
const AT_ONCE = 8 * 1024
/** No file that a person wrote takes a fraction of this. */
const MOST_MS = 10_000
const MEMORY_MB = 256
/** Threads at a time, and files that wait for one: each keeps its text. */
const THREADS = 2
const WAITING = 8

interface ParserOptions {
  clock: Clock
  /** Whether large files get a thread of their own. Default: when built; from source, never. */
  thread?: boolean
}

/**
 * Reads workflow files for the server. A megabyte of YAML can take seconds, in which no socket would be served: what is not
 * small is read in a thread that ends with it.
 */
export class Parser {
  readonly #clock: Clock
  readonly #thread: boolean
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ clock, thread = isBuilt(import.meta.url) }: ParserOptions) {
    this.#clock = clock
    this.#thread = thread
  }

  /** Rejects with `bad_request` for files that take too long, with `busy` when too many wait. */
  async parse(files: readonly WorkflowFile[]): Promise<ParsedWorkflows> {
    const size = files.reduce((sum, { text }) => sum + text.length, 0)
    if (!this.#thread || size <= AT_ONCE) return parseWorkflows(files)
    await this.#turn()
    try {
      return await this.#inThread(files)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < THREADS) {
      this.#running += 1
      return
    }
    if (this.#waiting.length >= WAITING) throw new BusError('busy', 'too many files are being read')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #inThread(files: readonly WorkflowFile[]): Promise<ParsedWorkflows> {
    const worker = new Worker(builtBeside(import.meta.url, './worker.js'), {
      workerData: files,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    // The end of the server does not wait for it.
    worker.unref()
    let cancelTimer = () => {}
    try {
      return await new Promise((resolve, reject) => {
        cancelTimer = this.#clock.after(MOST_MS, () => reject(tooHard()))
        worker.once('message', resolve)
        worker.once('error', (error: NodeJS.ErrnoException) => {
          reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooHard() : error)
        })
      })
    } finally {
      cancelTimer()
      await worker.terminate()
    }
  }
}

function tooHard(): BusError {
  return new BusError('bad_request', 'the files take too long to read: what a workflow needs is far simpler')
}
