import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { Arrivals, CLOSE, clipBytes } from '../protocol/index.ts'
import { acceptAtMost, heldBytes } from './receiver.ts'
import type { RawPort, Unfinished } from './socket-port.ts'
import { Turn } from './turn.ts'

/** Wraps an open WebSocket. Owns its listeners from here on. */
export function wsPort(ws: WebSocket): RawPort {
  return new WsPort(ws)
}

class WsPort implements RawPort {
  readonly #ws: WebSocket
  readonly #tcp: Socket | null
  /** `open` and the first bytes can share a tick. */
  readonly #arrivals = new Arrivals()
  /** When something passed last. */
  #passed = performance.now()
  /** How long nothing had passed when it ended. */
  #quietMs: number | undefined
  #onPing: (() => void) | undefined
  #onPong: ((roundTripMs: number) => void) | undefined
  /** The latest ping, while it has no answer. */
  #asked: { mark: string; at: number } | undefined
  #pings = 0
  #messages = 0
  /** Who wants it unread: its owner, the turn whose share is used up, or a rest. */
  readonly #pauses = { owner: false, turn: false, rest: false }
  readonly #turn = new Turn(() => this.#hold('turn', false))

  constructor(ws: WebSocket) {
    this.#ws = ws
    this.#tcp = tcpOf(ws)
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary))
    ws.on('ping', () => this.#pinged())
    ws.on('pong', (mark) => this.#ponged(mark.toString('latin1')))
    ws.on('close', (code, reason) => this.#end(code, reason.toString('utf8')))
    // `close` follows and tells the code; without a listener the error would end the process.
    ws.on('error', () => {})
  }

  send(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    this.#pass()
    this.#ws.send(text)
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    this.#pass()
    this.#ws.send(bytes)
  }

  close(code: number, reason: string): void {
    // A paused socket never reads the other end's goodbye.
    for (const who of Object.keys(this.#pauses) as Pauser[]) this.#hold(who, false)
    this.#ws.close(sendable(code) ? code : CLOSE.internal, clipBytes(reason, 123))
  }

  buffered(): number {
    return this.#ws.bufferedAmount
  }

  pause(paused: boolean): void {
    this.#hold('owner', paused)
  }

  rest(resting: boolean): void {
    this.#hold('rest', resting)
  }

  accept(bytes: number): void {
    acceptAtMost(this.#ws, bytes)
  }

  unfinished(): Unfinished {
    // What we do not read ourselves is nobody's delay.
    return { after: this.#messages, bytes: this.#ws.isPaused ? 0 : heldBytes(this.#ws) }
  }

  onPing(listener: () => void): void {
    this.#onPing = listener
  }

  onPong(listener: (roundTripMs: number) => void): void {
    this.#onPong = listener
  }

  onText(listener: (text: string) => void): void {
    this.#arrivals.onText(listener)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#arrivals.onClose(listener)
  }

  bytesRead(): number {
    return this.#tcp?.bytesRead ?? 0
  }

  bytesWritten(): number {
    return this.#tcp?.bytesWritten ?? 0
  }

  quietMs(): number {
    return this.#quietMs ?? performance.now() - this.#passed
  }

  ping(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    this.#pass()
    const mark = String(++this.#pings)
    this.#asked = { mark, at: performance.now() }
    this.#ws.ping(mark)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#came()
    this.#messages += 1
    if (isBinary) this.close(CLOSE.unsupported, 'text messages only')
    else this.#arrivals.text(data.toString())
  }

  #end(code: number, reason: string): void {
    this.#quietMs = this.quietMs()
    this.#arrivals.end(code, reason)
  }

  #pass(): void {
    this.#passed = performance.now()
  }

  #came(): void {
    this.#pass()
    if (this.#turn.spent(this.#passed)) this.#hold('turn', true)
  }

  #pinged(): void {
    this.#came()
    this.#onPing?.()
  }

  #ponged(mark: string): void {
    this.#pinged()
    if (mark !== this.#asked?.mark) return
    const roundTripMs = performance.now() - this.#asked.at
    this.#asked = undefined
    this.#onPong?.(roundTripMs)
  }

  #hold(who: Pauser, held: boolean): void {
    this.#pauses[who] = held
    if (this.#ws.readyState !== this.#ws.OPEN) return
    const { owner, turn, rest } = this.#pauses
    const paused = owner || turn || rest
    if (paused === this.#ws.isPaused) return
    if (paused) this.#ws.pause()
    else this.#ws.resume()
  }
}

type Pauser = 'owner' | 'turn' | 'rest'

/** `ws` shows whole messages only; the socket under it knows of every byte. */
function tcpOf(ws: WebSocket): Socket | null {
  return (ws as WebSocket & { readonly _socket?: Socket })._socket ?? null
}

/** Codes that may stand in a close frame. */
function sendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}
