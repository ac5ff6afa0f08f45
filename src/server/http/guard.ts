import type { Context, MiddlewareHandler } from 'hono'
import type { Core } from '../core.ts'
import type { Env } from './call.ts'
import type { Entrance } from './entrance.ts'
import type { Gate } from './gate.ts'
import { answerRefusal } from './problem.ts'
import { type Refusal, reasonOf } from './refuse.ts'

export interface GuardOptions extends Pick<Entrance, 'pages'> {
  core: Core
  gate: Gate
}

/** Lets in who is known: a machine by its token, a page by its login. Nothing of the request is read before that but its headers. */
export function guard({ core, gate, pages }: GuardOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const shut = gate.shut()
    if (shut !== undefined) return refused(c, core, shut)
    const { incoming } = c.env
    const whence = c.get('whence')
    const admission = await gate.admit(pages.request(incoming, whence), incoming, whence.address)
    if ('refusal' in admission) return refused(c, core, admission.refusal)
    const { credential, login } = admission.found
    const place = gate.ask(credential)
    if (typeof place === 'object') return refused(c, core, place)
    c.env.outgoing.once('close', place)
    c.set('core', core)
    c.set('credential', credential)
    c.set('login', login)
    return next()
  }
}

/** Answers a refusal and counts it. */
export function refused(c: Context<Env>, core: Core, refusal: Refusal): Response {
  core.metrics.bus.refused(reasonOf(refusal))
  return answerRefusal(c, refusal)
}
