import { BusError, type ErrorCode } from '../../protocol/index.ts'
import type { Caller } from '../caller.ts'
import type { Actor } from '../store/audit.ts'
import type { Refusals } from './refusals.ts'

type Who = Pick<Caller, 'credential' | 'address'>

export function actorOf({ credential, address }: Who): Actor {
  return { credentialId: credential.id, name: credential.name, role: credential.role, address }
}

/** An attempt on what is not one's own. An agent that asks after an old lease is none. */
const ATTEMPTS: ReadonlySet<ErrorCode> = new Set(['forbidden', 'not_found', 'conflict'])

/** Notes a call that was refused, if it is of those that the trail tells of. */
export function noteRefused(refusals: Refusals, caller: Who, method: string, params: unknown, error: unknown): void {
  if (!(error instanceof BusError) || !ATTEMPTS.has(error.code)) return
  refusals.note(actorOf(caller), { action: method, subjects: subjectsOf(params), outcome: error.code })
}

/** The ids that a call names. Its other parameters may hold secrets, and anything else. */
function subjectsOf(params: unknown): string[] {
  if (typeof params !== 'object' || params === null) return []
  const { id, ids } = params as { id?: unknown; ids?: unknown }
  return [id, ids].flat().filter((one) => typeof one === 'string')
}
