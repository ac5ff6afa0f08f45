import { BusError, type FrameOf, type MethodName } from '../../protocol/index.ts'
import type { Visit, Welcome } from './visit.ts'
import type { Work } from './work.ts'

/** A request of the agent. */
export interface Call {
  readonly visit: Visit
  readonly id: number
  readonly method: MethodName
  readonly params: unknown
  readonly work: Work | undefined
}

/** Not answered, or not yet. */
export const HELD = Symbol('held')

/** How the desk behaves right now, where a scene wants it otherwise than usual. */
export interface Script {
  /** An answer, a `BusError`, `HELD`; undefined: as usual. */
  call?: (call: Call) => unknown
  welcome?: (hello: FrameOf<'hello'>) => Partial<Welcome>
  /** False: lines are not acknowledged. */
  stores?: boolean
  /** Whether a frame of lines is dropped, and asked for again by a rewind. */
  drops?: (frame: FrameOf<'log'>) => boolean
  /** What may come beyond what has: the credit's window. Null: nothing is granted. */
  window?: number | null
  /** False: hellos stay unanswered. */
  greets?: boolean
}

export function stale(): BusError {
  return new BusError('stale_lease', 'this lease is not yours')
}
