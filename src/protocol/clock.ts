/** Time as the bus sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, as people read them. May jump. */
  now(): number
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonic(): number
  /** Calls once after `ms`. The answer cancels it; cancelling twice does nothing. */
  after(ms: number, call: () => void): () => void
}

/** The machine's own clock. `globalThis` timers exist in Node and in browsers alike. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(ms, 0x7fffffff))
    return () => clearTimeout(timer)
  },
}
