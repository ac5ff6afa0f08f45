/**
 * Places at which a process may die with consequences of its own: what is on disk there, and what is not yet. One table,
 * so that a test which names a place that is gone fails instead of proving nothing.
 */
export const CRASH_POINTS = {
  'agent.lease.journaled': 'the lease is in the journal, `init` has not been sent',
  'agent.init.answered': '`init` was answered, nothing has been started',
  'agent.step.started': 'a step’s process runs and is in the journal',
  'agent.work.settled': 'the work has ended, its result is not in the journal',
  'agent.result.journaled': 'the result is in the journal, `done` has not been sent',
  'agent.done.answered': '`done` was answered',
} as const

export type CrashPoint = keyof typeof CRASH_POINTS

/** Is told where the code has come to. Handed in like a clock; tests bring one that ends the process there. */
export type Probe = (point: CrashPoint) => void

/** Production's: does nothing. */
export const noProbe: Probe = () => {}

/**
 * Calls `die` at a place, written `name`, or `name:n` for the n-th time it is reached. Throws a `TypeError` for a place that
 * there is not.
 */
export function crashAt(where: string, die: () => void): Probe {
  const [, name = '', count = '1'] = /^([a-z.]+)(?::([1-9]\d*))?$/.exec(where) ?? []
  if (!Object.hasOwn(CRASH_POINTS, name)) {
    throw new TypeError(`no crash point ${JSON.stringify(where)}; there are ${Object.keys(CRASH_POINTS).join(', ')}`)
  }
  let left = Number(count)
  return (point) => {
    if (point === name && --left === 0) die()
  }
}
