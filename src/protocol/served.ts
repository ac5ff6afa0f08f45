import { isFree } from './calls.ts'
import type { Clock } from './clock.ts'
import { CLOSE } from './closes.ts'
import { BusError, CloseError } from './errors.ts'
import type { FrameOf } from './frames.ts'
import { firstProblem } from './issues.ts'
import { CALLS, SHAPE } from './limits.ts'
import { findMethod, METHODS, type MethodName } from './methods/index.ts'
import { richText } from './rich.ts'
import { fitsReceiver, tooLarge } from './sizes.ts'

/** One request being answered. */
export interface ServedCall {
  /** Of the request, on this connection. */
  readonly id: number
  /** What was asked. */
  readonly method: MethodName
  /** Already parsed by the method's schema. */
  readonly params: unknown
  /** Of a mutation: the same key must have one effect. */
  readonly key: string | undefined
  /** Fires when the caller gives up, its time is over or the connection ends; its reason is a `BusError`. */
  readonly signal: AbortSignal
}

/** What answering needs of the channel. */
export interface Answers {
  readonly clock: Clock
  maxSend(): number
  push(type: 'response' | 'error', text: string): void
  serve(call: ServedCall): Promise<unknown>
  close(error: CloseError): void
  fault(error: unknown, during: string): void
}

/** What the other end has asked: every request gets exactly one answer, unless the connection ends first. */
export class Served {
  readonly #answers: Answers
  readonly #active = new Map<number, Answering>()
  readonly #abortedEarly = new Set<number>()
  #lastId = 0
  #limited = 0
  #free = 0

  constructor(answers: Answers) {
    this.#answers = answers
  }

  get size(): number {
    return this.#active.size
  }

  /** A `request` came. Throws a `CloseError` on an id that was used before. */
  request(frame: FrameOf<'request'>): void {
    const { id } = frame
    if (id <= this.#lastId) throw new CloseError(CLOSE.violation, 'request ids must rise')
    this.#lastId = id
    const method = findMethod(frame.method)
    if (method === undefined) this.#refuse(id, new BusError('unknown_method', 'there is no method of that name'))
    else if (this.#abortedEarly.delete(id)) this.#giveUp(id, method)
    else if (frame.timeoutMs === 0) this.#refuse(id, new BusError('deadline', 'too late', { outcome: 'none' }))
    else if (this.#isFull(method)) this.#refuse(id, new BusError('busy', 'too many requests in flight'))
    else this.#begin(frame, method)
  }

  /** An `abort` came. One before its request is remembered, one for an answered request means nothing. */
  abort(id: number): void {
    if (id <= this.#lastId) this.#active.get(id)?.stop(new BusError('canceled', 'given up by the caller', UNKNOWN))
    else if (this.#abortedEarly.size < CALLS.inFlight) this.#abortedEarly.add(id)
  }

  /** The connection is gone: handlers are told, nobody is answered. */
  end(): void {
    const active = [...this.#active.values()]
    this.#active.clear()
    this.#abortedEarly.clear()
    for (const call of active) call.end(new BusError('unavailable', 'the connection is gone', UNKNOWN))
  }

  #begin(frame: FrameOf<'request'>, method: MethodName): void {
    const params = METHODS[method].params.safeParse(frame.params)
    if (!params.success) {
      this.#refuse(frame.id, new BusError('bad_request', `params${firstProblem(params.error)}`))
      return
    }
    const call = new Answering(frame.id, method, params.data, frame.key)
    this.#active.set(call.id, call)
    if (isFree(method)) this.#free++
    else this.#limited++
    if (frame.timeoutMs !== undefined) {
      call.cancelTimer = this.#answers.clock.after(frame.timeoutMs, () => this.#lapse(call))
    }
    // Never rejects: every way out of it settles the call.
    void this.#run(call)
  }

  async #run(call: Answering): Promise<void> {
    try {
      this.#succeed(call, await this.#answers.serve(call))
    } catch (error) {
      this.#fail(call, error)
    }
  }

  #succeed(call: Answering, result: unknown): void {
    if (!this.#active.has(call.id)) return
    const method = METHODS[call.method]
    const value = method.values === 'rich' ? richText(result, method.result) : JSON.stringify(result)
    if (value === undefined) throw new TypeError(`${call.method} was answered with nothing`)
    const text = `{"type":"response","id":${call.id},"result":${value}}`
    if (!fitsReceiver(text, this.#answers.maxSend())) {
      throw tooLarge(`the answer to ${call.method}`, method.mutates ? 'applied' : 'none')
    }
    this.#settle(call, 'response', text)
  }

  #fail(call: Answering, error: unknown): void {
    if (error instanceof CloseError) {
      this.#answers.close(error)
      return
    }
    if (!this.#active.has(call.id) && isAbort(error)) return
    const known = error instanceof BusError ? error : isAbort(error) ? call.reason : undefined
    if (known === undefined) this.#answers.fault(error, call.method)
    if (this.#active.has(call.id)) this.#settle(call, 'error', this.#errorText(call.id, known ?? internal()))
  }

  #lapse(call: Answering): void {
    const late = new BusError('deadline', `${call.method} was not answered in time`)
    this.#settle(call, 'error', this.#errorText(call.id, late))
    call.stop(late)
  }

  /** The one way out: off the books, its timer cleared, its answer queued. */
  #settle(call: Answering, type: 'response' | 'error', text: string): void {
    this.#active.delete(call.id)
    if (isFree(call.method)) this.#free--
    else this.#limited--
    call.clear()
    this.#answers.push(type, text)
  }

  #refuse(id: number, error: BusError): void {
    this.#answers.push('error', this.#errorText(id, error))
  }

  #giveUp(id: number, method: MethodName): void {
    if (method === 'next') this.#answers.push('response', `{"type":"response","id":${id},"result":null}`)
    else this.#refuse(id, new BusError('canceled', 'given up before it began'))
  }

  #isFull(method: MethodName): boolean {
    return isFree(method) ? this.#free >= SHAPE.capacity + CALLS.inFlight : this.#limited >= CALLS.inFlight
  }

  #errorText(id: number, error: BusError): string {
    const body = error.toBody()
    const text = JSON.stringify({ type: 'error', id, error: body })
    if (fitsReceiver(text, this.#answers.maxSend())) return text
    return JSON.stringify({ type: 'error', id, error: { ...body, details: undefined } })
  }
}

const UNKNOWN = { outcome: 'unknown' } as const

/** What the caller may know of an error that nobody meant for it: nothing. */
function internal(): BusError {
  return new BusError('internal', 'the request failed; the log of the other end says why')
}

/** What waiting on an aborted signal rejects with. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

class Answering implements ServedCall {
  readonly id: number
  readonly method: MethodName
  readonly params: unknown
  readonly key: string | undefined
  cancelTimer: (() => void) | undefined
  #controller: AbortController | undefined
  #reason: BusError | undefined

  constructor(id: number, method: MethodName, params: unknown, key: string | undefined) {
    this.id = id
    this.method = method
    this.params = params
    this.key = key
  }

  /** Made when first asked for: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Why the caller no longer waits, once it does not. */
  get reason(): BusError | undefined {
    return this.#reason
  }

  stop(reason: BusError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#controller?.abort(reason)
  }

  clear(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  end(reason: BusError): void {
    this.clear()
    this.stop(reason)
  }
}
