import type { FrameOf } from './frames.ts'
import { LOGS } from './limits.ts'
import { isWholeLog } from './lines.ts'
import { LOG_KINDS } from './workflow.ts'

/**
 * Hand-written checks for the frames that come by the thousand. Each says yes only where the frame's schema would, which a
 * property test holds; on a no the schema decides and says why.
 */

type Keys = Record<string, unknown>

const ID = /^[A-Za-z0-9_.:/-]{1,128}$/
const KINDS: ReadonlySet<unknown> = new Set(LOG_KINDS)
const LONGEST = 366 * 24 * 3_600_000

/** A log frame is flat: this check replaces the walk as well. */
export function isLog(value: unknown): value is FrameOf<'log'> {
  const frame = value as Keys
  for (const key in frame) {
    if (key !== 'type' && key !== 'lease' && key !== 'stepId' && key !== 'from' && key !== 'text' && key !== 'runs') {
      return false
    }
  }
  const { lease, stepId, from, text, runs } = frame
  return (
    isId(lease) &&
    isId(stepId) &&
    isCount(from, 1) &&
    typeof text === 'string' &&
    isRuns(runs) &&
    isWholeLog({ text, runs })
  )
}

export function isRequest(value: unknown): value is FrameOf<'request'> {
  const frame = value as Keys
  for (const key in frame) {
    if (
      key !== 'type' &&
      key !== 'id' &&
      key !== 'method' &&
      key !== 'params' &&
      key !== 'key' &&
      key !== 'timeoutMs'
    ) {
      return false
    }
  }
  const { id, method, params, key, timeoutMs } = frame
  return (
    isCount(id, 1) &&
    typeof method === 'string' &&
    params !== undefined &&
    (key === undefined || (typeof key === 'string' && key.length >= 1 && key.length <= 64)) &&
    (timeoutMs === undefined || (isCount(timeoutMs, 0) && timeoutMs <= LONGEST))
  )
}

export function isResponse(value: unknown): value is FrameOf<'response'> {
  const frame = value as Keys
  for (const key in frame) if (key !== 'type' && key !== 'id' && key !== 'result') return false
  return isCount(frame.id, 1) && frame.result !== undefined
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === 'number' && value >= least && Number.isSafeInteger(value)
}

function isRuns(value: unknown): value is FrameOf<'log'>['runs'] {
  if (!Array.isArray(value) || value.length < 1 || value.length > LOGS.frameRuns) return false
  for (const run of value as unknown[]) {
    if (!Array.isArray(run) || run.length !== 3) return false
    if (!isCount(run[0], 1) || !isCount(run[1], 0) || !KINDS.has(run[2])) return false
  }
  return true
}
