import { setMaxListeners } from 'node:events'

/** The time that a soak has: real, since real processes are at work in it. */
export class Pace {
  readonly #until: number
  readonly #stop: AbortSignal

  constructor(ms: number, stop: AbortSignal) {
    this.#until = performance.now() + ms
    this.#stop = stop
    // As many as wait at a time.
    setMaxListeners(0, stop)
  }

  /** Milliseconds that are left. */
  get left(): number {
    return this.#stop.aborted ? 0 : Math.max(0, this.#until - performance.now())
  }

  /** Waits so long, or until the time is over. Answers whether there is time left. */
  async pass(ms: number): Promise<boolean> {
    if (this.left > 0) await sleep(Math.min(ms, this.left), this.#stop)
    return this.left > 0
  }

  /** Waits for something, at most so long and until the time is over. */
  async until(check: () => boolean, limitMs: number): Promise<void> {
    const limit = performance.now() + limitMs
    while (!check() && performance.now() < limit && (await this.pass(50)));
  }
}

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    stop.addEventListener('abort', end, { once: true })
  })
}
