import { BusError, METHODS, type Method, type MethodName, mayCall } from '../protocol/index.ts'
import { noteRefused } from './audit/index.ts'
import type { Context, Handlers } from './context.ts'
import { ADMIN_HANDLERS } from './handlers/admin.ts'
import { AGENT_HANDLERS } from './handlers/agent.ts'
import { ENROLMENT_HANDLERS } from './handlers/enrolment.ts'
import { OPERATOR_HANDLERS } from './handlers/operator.ts'
import { VIEWER_HANDLERS } from './handlers/viewer.ts'
import { VISITOR_HANDLERS } from './handlers/visitor.ts'
import { isScoped, scopeOf } from './scope.ts'
import type { Credential } from './store/store.ts'

const HANDLERS = {
  ...VISITOR_HANDLERS,
  ...AGENT_HANDLERS,
  ...ENROLMENT_HANDLERS,
  ...OPERATOR_HANDLERS,
  ...VIEWER_HANDLERS,
  ...ADMIN_HANDLERS,
} satisfies Handlers<MethodName>

/** One call, after its params were parsed by the method's schema: first the right to make it, then its handler. */
export async function dispatch(asked: Omit<Context, 'scope'>, method: MethodName, params: unknown): Promise<unknown> {
  const context = { ...asked, scope: scopeOf(asked.credential) }
  try {
    return await answer(context, method, params)
  } catch (error) {
    noteRefused(context.core.refusals, context, method, params, error)
    throw error
  }
}

async function answer(context: Context, method: MethodName, params: unknown): Promise<unknown> {
  refuseUnless(context.credential, method)
  const { revocations, metrics } = context.core
  if (revocations.concerns(context.credential)) await revocations.pass(context.credential)
  metrics.bus.called(method)
  const handler = HANDLERS[method] as (context: Context, params: unknown) => Promise<unknown>
  try {
    return await handler(context, params)
  } catch (error) {
    if (error instanceof BusError) metrics.bus.failed(error.code)
    if (error instanceof BusError || isClose(error)) throw error
    metrics.bus.failed('internal')
    context.core.log.error({ error, method }, 'a call failed in a way nobody foresaw')
    throw new BusError('internal', 'an error of the server')
  }
}

/** `forbidden` for a role that may not call this method, and for a scope that it would reach beyond. */
export function refuseUnless(credential: Credential, method: MethodName): void {
  const { role } = credential
  const { role: wanted, whole }: Method = METHODS[method]
  if (!mayCall(role, wanted)) {
    const message = `${method} is not for ${article(role)}; it takes the credential of ${article(wanted)}`
    throw new BusError('forbidden', message)
  }
  if (whole && isScoped(scopeOf(credential))) throw beyond(method)
}

/** The answer to who sees a part of this server and asks for all of it. */
export function beyond(what: string): BusError {
  return new BusError('forbidden', `${what} concerns the whole server; this credential is for a part of it`)
}

function isClose(error: unknown): boolean {
  return error instanceof Error && error.name === 'CloseError'
}

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`
}
