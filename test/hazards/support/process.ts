import { existsSync, readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { waitUntil } from '../../support/wait-until.ts'

const DESCRIPTORS = '/proc/self/fd'

/** Open files and sockets of this process; undefined where the system does not tell. */
export function descriptors(): number | undefined {
  return existsSync(DESCRIPTORS) ? readdirSync(DESCRIPTORS).length : undefined
}

/** Waits until no more of them are open than there were. */
export async function descriptorsBack(before: number | undefined): Promise<void> {
  await waitUntil(() => (descriptors() ?? 0) <= (before ?? 0), { what: 'the descriptors to be back', limitMs: 60_000 })
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that are in use once what nobody needs is gone: objects, and buffers outside of the heap. */
export async function bytesInUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  // What sockets let go is freed a few turns later.
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}

/** Rejections that nobody took, while `during` runs. */
export async function unhandled(during: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = []
  const note = (reason: unknown) => void seen.push(reason)
  process.on('unhandledRejection', note)
  try {
    await during()
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  return seen
}
