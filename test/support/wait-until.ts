export interface WaitOptions {
  /** Milliseconds until it gives up. Default 5,000. */
  limitMs?: number
  /** What is waited for, named when it never comes. */
  what?: string
}

/** Waits until `check` answers something that is neither false, null nor undefined, and returns that. */
export async function waitUntil<T>(
  check: () => T | Promise<T>,
  { limitMs = 5_000, what = 'the condition' }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const started = performance.now()
  for (;;) {
    const answer = await check()
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as Exclude<T, false | null | undefined>
    }
    if (performance.now() - started > limitMs) throw new Error(`${what} did not come within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
