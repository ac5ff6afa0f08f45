import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { CLOSE, clipBytes } from '../protocol/index.ts'
import type { RawPort } from './socket-port.ts'

/** Wraps an open WebSocket. Owns its listeners from here on. */
export function wsPort(ws: WebSocket): RawPort {
  return new WsPort(ws)
}

class WsPort implements RawPort {
  readonly #ws: WebSocket
  readonly #tcp: Socket | null
  #onText: ((text: string) => void) | undefined
  #onClose: ((code: number, reason: string) => void) | undefined
  // A message or the end may come before the owner listens: `open` and the first bytes can share a tick.
  readonly #early: string[] = []
  #ended: { code: number; reason: string; quietMs: number } | undefined
  /** When something passed last. */
  #passed = performance.now()

  constructor(ws: WebSocket) {
    this.#ws = ws
    this.#tcp = tcpOf(ws)
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary))
    ws.on('ping', () => this.#pass())
    ws.on('pong', () => this.#pass())
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
    this.#resume()
    this.#ws.close(sendable(code) ? code : CLOSE.internal, clipBytes(reason, 123))
  }

  buffered(): number {
    return this.#ws.bufferedAmount
  }

  pause(paused: boolean): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (paused) this.#ws.pause()
    else this.#ws.resume()
  }

  onText(listener: (text: string) => void): void {
    this.#onText = listener
    for (const text of this.#early.splice(0)) listener(text)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
    if (this.#ended !== undefined) listener(this.#ended.code, this.#ended.reason)
  }

  bytesRead(): number {
    return this.#tcp?.bytesRead ?? 0
  }

  bytesWritten(): number {
    return this.#tcp?.bytesWritten ?? 0
  }

  quietMs(): number {
    return this.#ended?.quietMs ?? performance.now() - this.#passed
  }

  ping(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    this.#pass()
    this.#ws.ping()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#pass()
    const text = data.toString()
    if (isBinary) this.close(CLOSE.unsupported, 'text messages only')
    else if (this.#onText === undefined) this.#early.push(text)
    else this.#onText(text)
  }

  #end(code: number, reason: string): void {
    this.#ended = { code, reason, quietMs: this.quietMs() }
    this.#onClose?.(code, reason)
  }

  #pass(): void {
    this.#passed = performance.now()
  }

  // A paused socket never reads the other end's goodbye.
  #resume(): void {
    if (this.#ws.isPaused) this.#ws.resume()
  }
}

/** `ws` shows whole messages only; the socket under it knows of every byte. */
function tcpOf(ws: WebSocket): Socket | null {
  return (ws as WebSocket & { readonly _socket?: Socket })._socket ?? null
}

/** Codes that may stand in a close frame. */
function sendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}
