import type { Clock } from './clock.ts'
import { CLOSE } from './closes.ts'
import { BusError, CloseError, type ErrorBody } from './errors.ts'
import { firstProblem } from './issues.ts'
import { METHODS, type MethodName, type ParamsOf, type ResultOf } from './methods/index.ts'
import { readRich } from './rich.ts'
import { fitsReceiver, tooLarge } from './sizes.ts'

/** How long a question is waited for. */
export interface CallSettings {
  /** Aborting asks the other end to stop; the call settles with what that then answers. */
  signal?: AbortSignal
  /** Milliseconds from now; then the call rejects with `deadline`, and the other end stops too. */
  timeoutMs?: number
  /** Makes a mutation have one effect however often it is sent. */
  key?: string
}

/** What calls need of the channel. */
export interface Wire {
  readonly clock: Clock
  /** Bytes the other end takes in one message. */
  maxSend(): number
  push(type: 'request' | 'abort', text: string): void
}

/** Outside the cap: they are how work is handed out and kept, whatever else is under way. */
export function isFree(method: string): boolean {
  return method === 'next' || method === 'extend'
}

/** What this end has asked: each settles once, whatever happens. */
export class Calls {
  readonly #wire: Wire
  readonly #cap: number
  readonly #open = new Map<number, Call>()
  readonly #waiting = new Set<Call>()
  #lastId = 0
  #inFlight = 0
  #ended = false

  constructor(wire: Wire, cap: number) {
    this.#wire = wire
    this.#cap = cap
  }

  call<M extends MethodName>(method: M, params: ParamsOf<M>, settings: CallSettings = {}): Promise<ResultOf<M>> {
    return new Promise((resolve, reject) => {
      // The result was checked by the method's own schema when it came.
      const call = new Call(this, method, settings, resolve as (result: unknown) => void, reject)
      if (this.#ended) call.fail(new BusError('unavailable', 'the connection is closed'))
      else if (settings.signal?.aborted) call.giveUp()
      else this.#start(call, params)
    })
  }

  /** How many have no answer yet, waiting ones too. */
  get size(): number {
    return this.#open.size + this.#waiting.size
  }

  /** A `response` came. */
  answer(id: number, result: unknown): void {
    const call = this.#find(id)
    const method = METHODS[call.method]
    // May throw a CloseError: before the call is taken out, so that the close settles it.
    const value = method.values === 'rich' ? readRich(result) : result
    this.#take(call)
    if (call.settled) return
    const read = method.result.safeParse(value)
    if (read.success) call.succeed(read.data)
    else {
      const outcome = method.mutates ? 'applied' : 'none'
      const what = `the answer to ${call.method} is invalid: result${firstProblem(read.error)}`
      call.fail(new BusError('internal', what, { outcome }))
    }
  }

  /** An `error` came. */
  refuse(id: number, body: ErrorBody): void {
    const call = this.#find(id)
    this.#take(call)
    if (!call.settled) call.fail(BusError.from(body))
  }

  /** The connection is gone: what was written may have happened, what was not has not. */
  end(): void {
    this.#ended = true
    const cut = [...this.#open.values(), ...this.#waiting]
    this.#open.clear()
    this.#waiting.clear()
    for (const call of cut) {
      const outcome = call.id === 0 ? 'none' : 'unknown'
      call.fail(new BusError('unavailable', 'the connection closed before the answer', { outcome }))
    }
  }

  /** A call's signal fired. */
  abort(call: Call): void {
    if (this.#waiting.delete(call)) call.giveUp()
    else this.#wire.push('abort', `{"type":"abort","id":${call.id}}`)
  }

  /** A call's time is over. Its id stays taken until the other end has answered it. */
  lapse(call: Call): void {
    const outcome = this.#waiting.delete(call) ? 'none' : 'unknown'
    call.fail(new BusError('deadline', `no answer to ${call.method} in time`, { outcome }))
  }

  #start(call: Call, params: unknown): void {
    const text = JSON.stringify(params)
    if (!fitsReceiver(text, this.#wire.maxSend() - HEAD)) {
      call.fail(tooLarge(call.method, 'none'))
      return
    }
    call.paramsText = text
    call.watch(this.#wire.clock)
    if (!isFree(call.method) && this.#inFlight >= this.#cap) this.#waiting.add(call)
    else this.#write(call)
  }

  #write(call: Call): void {
    if (!isFree(call.method)) this.#inFlight++
    call.id = ++this.#lastId
    this.#open.set(call.id, call)
    this.#wire.push('request', call.text(this.#wire.clock))
  }

  #find(id: number): Call {
    const call = this.#open.get(id)
    if (call === undefined) throw new CloseError(CLOSE.violation, 'an answer to a request that is not open')
    return call
  }

  /** Takes an answered call out, and writes the next that waited for its place. */
  #take(call: Call): void {
    this.#open.delete(call.id)
    if (isFree(call.method)) return
    this.#inFlight--
    if (this.#waiting.size === 0) return
    const [next] = this.#waiting
    if (next !== undefined && this.#waiting.delete(next)) this.#write(next)
  }
}

/** Room for a request's other fields. */
const HEAD = 256

/** One question. Listens to its own signal (`handleEvent`), so that a call needs no closure for it. */
class Call {
  readonly method: MethodName
  readonly settings: CallSettings
  readonly #calls: Calls
  readonly #resolve: (result: unknown) => void
  readonly #reject: (error: Error) => void
  #cancelTimer: (() => void) | undefined
  #due = 0
  /** 0 until written. */
  id = 0
  paramsText = ''
  settled = false

  constructor(
    calls: Calls,
    method: MethodName,
    settings: CallSettings,
    resolve: (result: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.#calls = calls
    this.method = method
    this.settings = settings
    this.#resolve = resolve
    this.#reject = reject
  }

  watch(clock: Clock): void {
    const { signal, timeoutMs } = this.settings
    signal?.addEventListener('abort', this)
    if (timeoutMs === undefined) return
    this.#due = clock.monotonic() + timeoutMs
    this.#cancelTimer = clock.after(timeoutMs, () => this.#calls.lapse(this))
  }

  handleEvent(): void {
    this.#calls.abort(this)
  }

  text(clock: Clock): string {
    const { key, timeoutMs } = this.settings
    let text = `{"type":"request","id":${this.id},"method":"${this.method}","params":${this.paramsText}`
    if (key !== undefined) text += `,"key":${JSON.stringify(key)}`
    if (timeoutMs !== undefined) text += `,"timeoutMs":${Math.max(0, Math.ceil(this.#due - clock.monotonic()))}`
    this.paramsText = ''
    return `${text}}`
  }

  succeed(result: unknown): void {
    this.#settle()
    this.#resolve(result)
  }

  fail(error: Error): void {
    this.#settle()
    this.#reject(error)
  }

  /** Aborted before it was written: nothing happened. */
  giveUp(): void {
    if (this.method === 'next') this.succeed(null)
    else this.fail(new BusError('canceled', 'given up before it was sent'))
  }

  #settle(): void {
    this.settled = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.settings.signal?.removeEventListener('abort', this)
  }
}
