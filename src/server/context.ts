import type { z } from 'zod'
import { BusError, type METHODS, type MethodName, type ResultOf } from '../protocol/index.ts'
import { actorOf } from './audit/index.ts'
import type { Caller } from './caller.ts'
import type { Core } from './core.ts'
import type { Scope } from './scope.ts'
import type { Seat } from './seat.ts'
import type { Key, Store } from './store/store.ts'
import type { Subscriptions } from './subscriptions.ts'
import { paramsHash } from './tokens.ts'

/** Who asks, on what, and how it may be broken off. */
export interface Context extends Pick<Caller, 'credential' | 'address'> {
  readonly core: Core
  /** By a login, not by the token itself. */
  readonly fromPage: boolean
  /** What of workflows and agents there is for it. */
  readonly scope: Scope
  /** The agent behind the connection; null for operators and viewers. */
  readonly seat: Seat | null
  /** Null where nothing can be sent: a caller in this process. */
  readonly subscriptions: Subscriptions | null
  /** `key`: an operator's own name for this mutation. `signal` is costly to ask for: only where it is used. */
  readonly call: { readonly key: string | undefined; readonly signal: AbortSignal }
}

export type Params<M extends MethodName> = z.output<(typeof METHODS)[M]['params']>
export type Handler<M extends MethodName> = (context: Context, params: Params<M>) => Promise<ResultOf<M>>
/** A population's handlers: one that is missing does not compile. */
export type Handlers<Names extends MethodName> = { readonly [M in Names]: Handler<M> }

/** The agent's seat, for methods that are an agent's alone. */
export function seatOf(context: Context): Seat {
  if (context.seat === null) throw new BusError('forbidden', 'only an agent may call this')
  return context.seat
}

/** The store in the caller's hands: what it changes is noted as theirs. */
export function theirStore(context: Context): Store {
  return context.core.store.as(actorOf(context))
}

/** The caller's key as the store remembers it. */
export function keyFor(context: Context, method: MethodName, params: unknown): Key | undefined {
  const { key } = context.call
  if (key === undefined) return undefined
  return { credentialId: context.credential.id, method, key, paramsHash: paramsHash(params) }
}
