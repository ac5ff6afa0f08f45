import { fitsBytes } from './bytes.ts'
import type { Clock } from './clock.ts'
import { joinFrames } from './codec.ts'
import type { FrameType } from './frames.ts'
import { LOGS, MESSAGE } from './limits.ts'
import type { Port } from './port.ts'

/** Order of leaving: control first, log last. Within a lane, frames leave in the order they came. */
export type Lane = 'control' | 'state' | 'log'

/** With so many bytes in the port, log frames stay here, where control can still overtake them: one frame of log. */
const LOG_MARK = LOGS.frameBytes
/** How soon a backed-up port is looked at again. What the operating system holds keeps the link busy meanwhile. */
const LOOK_AGAIN_MS = 1

/**
 * Requests and aborts share a lane, so that no abort overtakes its request. Answers, receipts, `stored` and `credit` wait
 * behind nothing.
 */
export function laneOf(type: FrameType): Lane {
  if (type === 'log' || type === 'gap') return 'log'
  return type === 'request' || type === 'abort' || type === 'event' || type === 'missed' ? 'state' : 'control'
}

/** What is waiting to leave, as text. All frames of one tick leave in as few messages as the limits allow. */
export class Outbox {
  readonly #port: Port
  readonly #clock: Clock
  readonly #onFlush: () => void
  readonly #most: () => number
  #control: string[] = []
  #state: string[] = []
  #log: string[] = []
  #logAt = 0
  #size = 0
  #logSize = 0
  #scheduled = false
  #closed = false
  #cancelLook: (() => void) | undefined
  readonly #tick = (): void => {
    if (this.#scheduled) this.flush()
  }

  /** `onFlush` is told after each flush, when the port may have filled. `most`: bytes that the other end takes in one message. */
  constructor(port: Port, clock: Clock, onFlush: () => void, most: () => number) {
    this.#port = port
    this.#clock = clock
    this.#onFlush = onFlush
    this.#most = most
  }

  /** Queues one frame's text. */
  push(text: string, lane: Lane): void {
    if (this.#closed) return
    this.#size += text.length
    if (lane === 'control') this.#control.push(text)
    else if (lane === 'state') this.#state.push(text)
    else {
      this.#log.push(text)
      this.#logSize += text.length
      // Its look-again is due: pushing more would only ask the same port.
      if (this.#cancelLook !== undefined) return
    }
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#tick)
  }

  /** Characters waiting here and bytes waiting in the port. */
  backlog(): number {
    return this.#size + this.#port.buffered()
  }

  logBacklog(): number {
    return this.#logSize
  }

  /** Hands over everything but the log frames a backed-up port must not have yet. */
  flush(): void {
    this.#scheduled = false
    if (this.#closed) return
    const batch = new Batch(this.#port, Math.min(MESSAGE.batchBytes, this.#most()))
    const urgent = this.#control.length > 0 || this.#state.length > 0
    if (urgent) {
      for (const text of this.#control) batch.add(text)
      for (const text of this.#state) batch.add(text)
      this.#control = []
      this.#state = []
      this.#size = this.#logSize
    }
    if (this.#logSize > 0) this.#flushLog(batch)
    batch.end()
    this.#onFlush()
  }

  /** After this nothing leaves and no timer fires. */
  close(): void {
    this.#closed = true
    this.#cancelLook?.()
    this.#cancelLook = undefined
    this.#control = []
    this.#state = []
    this.#log = []
    this.#logAt = this.#size = this.#logSize = 0
  }

  #flushLog(batch: Batch): void {
    let logInBatch = 0
    while (this.#logAt < this.#log.length) {
      const text = this.#log[this.#logAt] ?? ''
      // A message takes one frame's worth of log: a larger one would stand before the next control frame.
      if (logInBatch > 0 && logInBatch + text.length > LOG_MARK) {
        batch.end()
        logInBatch = 0
      }
      if (this.#port.buffered() >= LOG_MARK) {
        this.#lookAgain()
        break
      }
      logInBatch += text.length
      this.#log[this.#logAt++] = ''
      this.#logSize -= text.length
      this.#size -= text.length
      batch.add(text)
    }
    if (this.#logAt === this.#log.length) {
      this.#log = []
      this.#logAt = 0
    } else if (this.#logAt > 1024) {
      this.#log = this.#log.slice(this.#logAt)
      this.#logAt = 0
    }
  }

  #lookAgain(): void {
    this.#cancelLook ??= this.#clock.after(LOOK_AGAIN_MS, () => {
      this.#cancelLook = undefined
      this.flush()
    })
  }
}

/** Frames on their way into one message. */
class Batch {
  readonly #port: Port
  readonly #bytes: number
  #texts: string[] = []
  /** Characters so far, with commas and brackets. */
  size = 0

  constructor(port: Port, bytes: number) {
    this.#port = port
    this.#bytes = bytes
  }

  add(text: string): void {
    const full = this.#texts.length === MESSAGE.frames || this.size + text.length + 2 > this.#bytes
    if (full && this.#texts.length > 0) this.end()
    this.#texts.push(text)
    this.size += text.length + 1
  }

  end(): void {
    if (this.#texts.length === 0) return
    const texts = this.#texts
    this.#texts = []
    this.size = 0
    this.#write(texts)
  }

  /** Characters were counted; where they take more bytes than fit, the batch leaves in halves. */
  #write(texts: readonly string[]): void {
    const message = joinFrames(texts)
    if (texts.length === 1 || fitsBytes(message, this.#bytes)) {
      this.#port.send(message)
      return
    }
    const half = texts.length >> 1
    this.#write(texts.slice(0, half))
    this.#write(texts.slice(half))
  }
}
