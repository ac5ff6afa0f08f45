import { CRASH_POINTS, type CrashPoint } from './crash-points.ts'

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
