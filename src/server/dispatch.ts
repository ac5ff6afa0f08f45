import { BusError, METHODS, type MethodName, mayCall, type Role } from '../protocol/index.ts'
import { noteRefused } from './audit/index.ts'
import type { Context, Handlers } from './context.ts'
import { ADMIN_HANDLERS } from './handlers/admin.ts'
import { AGENT_HANDLERS } from './handlers/agent.ts'
import { ENROLMENT_HANDLERS } from './handlers/enrolment.ts'
import { OPERATOR_HANDLERS } from './handlers/operator.ts'
import { VIEWER_HANDLERS } from './handlers/viewer.ts'
import { VISITOR_HANDLERS } from './handlers/visitor.ts'

const HANDLERS = {
  ...VISITOR_HANDLERS,
  ...AGENT_HANDLERS,
  ...ENROLMENT_HANDLERS,
  ...OPERATOR_HANDLERS,
  ...VIEWER_HANDLERS,
  ...ADMIN_HANDLERS,
} satisfies Handlers<MethodName>

/** One call, after its params were parsed by the method's schema: first the right to make it, then its handler. */
export async function dispatch(context: Context, method: MethodName, params: unknown): Promise<unknown> {
  try {
    return await answer(context, method, params)
  } catch (error) {
    noteRefused(context.core.refusals, context, method, params, error)
    throw error
  }
}

async function answer(context: Context, method: MethodName, params: unknown): Promise<unknown> {
  refuseUnless(context.credential.role, method)
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

/** `forbidden` for a role that may not call this method. */
export function refuseUnless(role: Role, method: MethodName): void {
  const wanted = METHODS[method].role
  if (mayCall(role, wanted)) return
  throw new BusError(
    'forbidden',
    `${method} is not for ${article(role)}; it takes the credential of ${article(wanted)}`,
  )
}

function isClose(error: unknown): boolean {
  return error instanceof Error && error.name === 'CloseError'
}

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`
}
