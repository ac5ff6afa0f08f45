/** Whether the promise resolved within `ms`. Gives up earlier when `signal` aborts. The promise must not reject. */
export function within(promise: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answer: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      resolve(answer)
    }
    const giveUp = () => settle(false)
    const timer = setTimeout(giveUp, ms)
    signal?.addEventListener('abort', giveUp, { once: true })
    void promise.then(() => settle(true))
    if (signal?.aborted) giveUp()
  })
}
