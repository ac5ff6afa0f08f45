import { Answering, type ServedCall } from './answering.ts'
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

/** What answering needs of the channel. */
export interface Answers {
  readonly clock: Clock
  maxSend(): number
  push(type: 'response' | 'error', text: string): void
  /** Bytes that may yet be sent. Once that was too little for an answer it is none until `more` is called. */
  room(): number
  crowded(): void
  serve(call: ServedCall): Promise<unknown>
  close(error: CloseError): void
  fault(error: unknown, during: string): void
}

/** What the other end has asked: every request gets exactly one answer, unless the connection ends first. */
export class Served {
  readonly #answers: Answers
  readonly #active = new Map<number, Answering>()
  /** Of those, which have not begun, oldest first: their answers have no room yet. */
  readonly #waiting = new Set<Answering>()
  readonly #abortedEarly = new Set<number>()
  #lastId = 0
  #limited = 0
  #free = 0
  /** Bytes that the answers of those that have begun may take. */
  #promised = 0

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
    const call = this.#active.get(id)
    if (call !== undefined && this.#waiting.has(call)) {
      this.#settle(call, 'error', this.#errorText(id, new BusError('canceled', 'given up before it began')))
    } else if (id <= this.#lastId) call?.stop(new BusError('canceled', 'given up by the caller', UNKNOWN))
    else if (this.#abortedEarly.size < CALLS.inFlight) this.#abortedEarly.add(id)
  }

  /** Begins those whose answers have room now. */
  more(): void {
    for (const call of this.#waiting) {
      if (call.room > this.#answers.room() - this.#promised) {
        // Those under way come back here; of what is unsent only the reader can make less.
        if (this.#promised === 0) this.#answers.crowded()
        return
      }
      this.#waiting.delete(call)
      void this.#runPromised(call)
    }
  }

  /** The connection is gone: handlers are told, nobody is answered. */
  end(): void {
    const active = [...this.#active.values()]
    this.#active.clear()
    this.#waiting.clear()
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
    if (call.room > 0) {
      this.#waiting.add(call)
      this.more()
    } else {
      // Never rejects: every way out of it settles the call.
      void this.#run(call)
    }
  }

  /** Its room is taken until the handler is over, also where nobody waits for the answer any more. */
  async #runPromised(call: Answering): Promise<void> {
    this.#promised += call.room
    await this.#run(call)
    // The answer has left for the port in the tick that queued it: what it takes is counted there.
    this.#promised -= call.room
    this.more()
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
    this.#waiting.delete(call)
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
