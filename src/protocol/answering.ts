import type { BusError } from './errors.ts'
import { METHODS, type Method, type MethodName } from './methods/index.ts'

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

/** A request on its way to its answer. */
export class Answering implements ServedCall {
  readonly id: number
  readonly method: MethodName
  readonly params: unknown
  readonly key: string | undefined
  /** Bytes of its answer, where it needs a place for them; else 0. */
  readonly room: number
  cancelTimer: (() => void) | undefined
  #controller: AbortController | undefined
  #reason: BusError | undefined

  constructor(id: number, method: MethodName, params: unknown, key: string | undefined) {
    this.id = id
    this.method = method
    this.params = params
    this.key = key
    const { room = 0 }: Method = METHODS[method]
    this.room = room
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
