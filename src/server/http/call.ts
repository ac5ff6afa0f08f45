import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { BusError, firstProblem, METHODS, type MethodName, type ParamsOf, type ResultOf } from '../../protocol/index.ts'
import { noteRefused } from '../audit/index.ts'
import type { Core } from '../core.ts'
import { dispatch, refuseUnless } from '../dispatch.ts'
import type { Login } from '../store/login-store.ts'
import type { Credential } from '../store/store.ts'
import { within } from '../within.ts'
import type { Whence } from './whence.ts'

/** Longer than this nobody waits; a proxy in front gives up at 60 s. */
const ANSWER_MS = 30_000

export interface Env {
  Bindings: HttpBindings
  Variables: { core: Core; credential: Credential; login: Login | null; whence: Whence }
}
export type Api = OpenAPIHono<Env>

/** Before anything is read of a request: whether its bearer may ask for this at all. */
export function may(method: MethodName): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { core, credential, whence } = c.var
    try {
      refuseUnless(credential, method)
    } catch (error) {
      noteRefused(core.refusals, { credential, address: whence.address }, method, c.req.param(), error)
      throw error
    }
    await next()
  }
}

/** Calls a method of the bus for whoever sent this request: same rights, same checks, same handler. */
export async function call<M extends MethodName>(
  c: Context<Env>,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  const read = METHODS[method].params.safeParse(params)
  if (!read.success) throw new BusError('bad_request', `${method}${firstProblem(read.error)}`)
  const { core, credential, login } = c.var
  const key = METHODS[method].mutates ? c.req.header('idempotency-key') : undefined
  const asked = {
    key,
    get signal() {
      return c.req.raw.signal
    },
  }
  const answer = dispatch(
    {
      core,
      credential,
      address: c.var.whence.address,
      fromPage: login !== null,
      seat: null,
      subscriptions: null,
      call: asked,
    },
    method,
    read.data,
  )
  try {
    return (await within(core.clock, ANSWER_MS, answer)) as ResultOf<M>
  } catch (error) {
    if (error instanceof BusError) throw error
    throw new BusError('deadline', `${method} was not answered in time`)
  }
}
