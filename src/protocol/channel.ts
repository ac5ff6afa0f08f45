import type { ServedCall } from './answering.ts'
import { fitsBytes } from './bytes.ts'
import { type CallSettings, Calls } from './calls.ts'
import type { Clock } from './clock.ts'
import { CLOSE } from './closes.ts'
import { decodeEach, frameText, type Receives } from './codec.ts'
import { CloseError } from './errors.ts'
import type { Frame, FrameType } from './frames.ts'
import { CALLS, MESSAGE } from './limits.ts'
import type { MethodName, ParamsOf, ResultOf } from './methods/index.ts'
import { type Lane, laneOf, Outbox } from './outbox.ts'
import type { Port } from './port.ts'
import { Pressure } from './pressure.ts'
import { Served } from './served.ts'
import { fitsReceiver, tooLarge } from './sizes.ts'

/** The frames a channel hands to its owner; the others are its own business. */
export type PassedFrame = Exclude<Frame, { type: 'request' | 'response' | 'error' | 'abort' }>

/** Told of every frame, by its type; so it must cost next to nothing. */
export interface Meter {
  /** Taken apart, and about to be handed on. */
  received(type: FrameType): void
  /** Queued to leave. */
  sent(type: FrameType): void
}

/** One end of the bus: its port, and what its owner does with what comes. */
export interface ChannelOptions {
  /** `client` dialled. The server's end also watches for a reader that is too slow. */
  readonly side: 'client' | 'server'
  /** The connection. The channel owns it from here on. */
  readonly port: Port
  /** For timeouts. */
  readonly clock: Clock
  /** Whose frames are acceptable; may be changed later. */
  readonly receives: Receives
  /** UTF-8 bytes of one incoming message; may be changed later. */
  readonly maxBytes: number
  /** UTF-8 bytes the other end takes in one message; may be changed later. Default `MESSAGE.bytes`. */
  readonly maxSend?: number
  /** Answers requests. Throws a `BusError` to answer an error, a `CloseError` to close. */
  readonly serve?: (call: ServedCall) => Promise<unknown>
  /** Takes the other frames, in order. Throws a `CloseError` to close. */
  readonly onFrame: (frame: PassedFrame) => void
  /** Called once, whoever closed. */
  readonly onClose: (code: number, reason: string) => void
  /** Requests this end has in flight at most; more wait here. Default `CALLS.inFlight`. */
  readonly inFlight?: number
  /** Counts the frames. */
  readonly meter?: Meter
  /** Told of an error that is nobody's answer: a bug in `serve` or `onFrame`. For the log. */
  readonly onFault?: (error: unknown, during: string) => void
}

/**
 * One end of the bus over a port: calls and their answers, frames in lanes, one close. After the close nothing is sent,
 * no timer fires and nobody is called.
 */
export class Channel {
  readonly #options: ChannelOptions
  readonly #port: Port
  readonly #outbox: Outbox
  readonly #pressure: Pressure | undefined
  readonly #calls: Calls
  readonly #served: Served
  #closed = false
  /** Whose frames are acceptable. Until a hello has come the server does not know. */
  receives: Receives
  /** UTF-8 bytes of one incoming message. */
  maxBytes: number
  /** UTF-8 bytes the other end takes in one message. */
  maxSend: number

  constructor(options: ChannelOptions) {
    const { port, clock } = options
    this.#options = options
    this.#port = port
    this.receives = options.receives
    this.maxBytes = options.maxBytes
    this.maxSend = options.maxSend ?? MESSAGE.bytes
    const maxSend = () => this.maxSend
    this.#outbox = new Outbox(port, clock, () => this.#pressure?.look(), maxSend)
    if (options.side === 'server') {
      this.#pressure = new Pressure(port, clock, () => this.#outbox.backlog(), {
        stuck: () => this.close(CLOSE.slow, 'reads too slowly'),
        relieved: () => this.#served.more(),
      })
    }
    this.#calls = new Calls(
      { clock, maxSend, push: (type, text) => this.#push(type, text, 'state') },
      options.inFlight ?? CALLS.inFlight,
    )
    this.#served = new Served({
      clock,
      maxSend,
      push: (type, text) => this.#push(type, text, 'control'),
      room: () => this.#pressure?.room() ?? Number.POSITIVE_INFINITY,
      crowded: () => this.#pressure?.begin(),
      serve: options.serve ?? refuseAll,
      close: (error) => this.close(error.code, error.reason),
      fault: (error, during) => options.onFault?.(error, during),
    })
    // Not at once: a port may hand over what it already has, and the owner does not hold this channel yet.
    queueMicrotask(() => {
      if (this.#closed) return
      port.onText((text) => this.#receive(text))
      port.onClose((code, reason) => this.#end(code, reason))
    })
  }

  /** Nothing is sent any more and nothing comes. */
  get closed(): boolean {
    return this.#closed
  }

  /** Questions without an answer, on both sides. */
  get openCalls(): number {
    return this.#calls.size + this.#served.size
  }

  /**
   * Asks. Rejects with `BusError`: what the other end answered; `deadline`; `canceled` (`next` resolves with null instead);
   * `too_large` without sending; `unavailable` after a close, with outcome `none` if it was never written, else `unknown`.
   */
  call<M extends MethodName>(method: M, params: ParamsOf<M>, options?: CallSettings): Promise<ResultOf<M>> {
    return this.#calls.call(method, params, options)
  }

  /**
   * Queues a frame; all of one tick leave together. After a close it does nothing.
   * Throws `BusError('too_large')` when the other end would not take it.
   */
  send(frame: Frame, lane: Lane = laneOf(frame.type)): void {
    if (this.#closed) return
    const text = frameText(frame)
    if (!this.#fits(frame.type, text)) throw tooLarge(`a ${frame.type} frame`, 'none')
    this.#push(frame.type, text, lane)
  }

  /** Bytes (roughly: characters) queued here, and bytes in the port. */
  backlog(): number {
    return this.#outbox.backlog()
  }

  /** Characters of the log lane that the port has not been given. */
  logBacklog(): number {
    return this.#outbox.logBacklog()
  }

  /** Sends now what would leave at the end of this tick. */
  flush(): void {
    this.#outbox.flush()
  }

  /** Sends what is queued, closes, and settles everything. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#closed) return
    this.#outbox.flush()
    // The flush may have found the port stuck and closed already.
    if (this.#closed) return
    const { reason: clipped } = new CloseError(code, reason)
    this.#port.close(code, clipped)
    this.#end(code, clipped)
  }

  /** Log is flat and within its own limits; a hello and its welcome may be larger than what follows. */
  #fits(type: FrameType, text: string): boolean {
    if (type === 'log') return fitsBytes(text, this.maxSend)
    if (type !== 'hello' && type !== 'welcome') return fitsReceiver(text, this.maxSend)
    return fitsReceiver(text, Math.max(this.maxSend, MESSAGE.helloBytes), MESSAGE.helloNodes)
  }

  #push(type: FrameType, text: string, lane: Lane): void {
    this.#options.meter?.sent(type)
    this.#outbox.push(text, lane)
  }

  #receive(text: string): void {
    if (this.#closed) return
    try {
      decodeEach(text, this, this.#take)
    } catch (error) {
      this.#broken(error)
    }
  }

  readonly #take = (frame: Frame): void => {
    // Closed by an earlier frame of this batch.
    if (this.#closed) return
    this.#options.meter?.received(frame.type)
    if (frame.type === 'request') this.#served.request(frame)
    else if (frame.type === 'response') this.#calls.answer(frame.id, frame.result)
    else if (frame.type === 'error') this.#calls.refuse(frame.id, frame.error)
    else if (frame.type === 'abort') this.#served.abort(frame.id)
    else this.#options.onFrame(frame)
  }

  #broken(error: unknown): void {
    if (error instanceof CloseError) {
      this.close(error.code, error.reason)
      return
    }
    this.#options.onFault?.(error, 'onFrame')
    this.close(CLOSE.internal, 'internal error')
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#outbox.close()
    this.#pressure?.close()
    this.#calls.end()
    this.#served.end()
    this.#options.onClose(code, reason)
  }
}

/** An end that serves nothing is never asked: the direction of `request` forbids it. */
function refuseAll(): Promise<unknown> {
  return Promise.reject(new CloseError(CLOSE.violation, 'this end answers no requests'))
}
