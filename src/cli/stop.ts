import type { World } from './world.ts'

/**
 * Waits for a service to end by itself or by signals: the first SIGTERM or Ctrl-C asks it gently, the second insists.
 * Resolves with how it went; rejects with what `finished` or the stopping rejects with.
 */
export async function untilStopped(
  world: World,
  service: { finished: Promise<void>; gently(): Promise<void>; atOnce(): Promise<void> },
): Promise<'finished' | 'gently' | 'atOnce'> {
  return new Promise((resolve, reject) => {
    let asked = 0
    const give = [world.onSignal('SIGTERM', ask), world.onSignal('SIGINT', ask)]
    const settle = () => {
      for (const back of give) back()
      resolve(asked === 0 ? 'finished' : asked === 1 ? 'gently' : 'atOnce')
    }
    function ask(): void {
      asked++
      if (asked === 1) service.gently().then(settle, reject)
      else if (asked === 2) service.atOnce().then(settle, reject)
    }
    service.finished.then(settle, reject)
  })
}
