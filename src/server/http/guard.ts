import type { Context, MiddlewareHandler } from 'hono'
import type { Core } from '../core.ts'
import type { Env } from './call.ts'
import type { Gate } from './gate.ts'
import { answerRefusal } from './problem.ts'
import { type Refusal, reasonOf } from './refuse.ts'

const FOREIGN: Refusal = { status: 403, code: 'forbidden', message: 'a machine sends no Origin' }

/** Lets in who bears a known credential. Nothing of the request is read before that but its headers. */
export function guard(core: Core, gate: Gate): MiddlewareHandler<Env> {
  const refused = (c: Context<Env>, refusal: Refusal) => {
    core.metrics.bus.refused(reasonOf(refusal))
    return answerRefusal(c, refusal)
  }
  return async (c, next) => {
    const refusal = gate.shut() ?? (c.req.header('origin') === undefined ? undefined : FOREIGN)
    if (refusal !== undefined) return refused(c, refusal)
    const admission = await gate.admit(c.req.header('authorization'), c.get('whence').address)
    if ('refusal' in admission) return refused(c, admission.refusal)
    const place = gate.ask(admission.credential)
    if (typeof place === 'object') return refused(c, place)
    c.env.outgoing.once('close', place)
    c.set('core', core)
    c.set('credential', admission.credential)
    return next()
  }
}
