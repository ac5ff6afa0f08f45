import { Arrivals, BusError, type Port, SUBPROTOCOL } from '../../protocol/index.ts'
import { NoDial } from '../reasons.ts'
import { addressIn, type Page, type PageSocket, type PageSocketClass } from './page.ts'

const OPEN = 1
const NORMAL = 1000

/** Opens a page's socket to the bus. Rejects with `NoDial`; an aborted one leaves nothing open. */
export function openSocket(page: Page, signal: AbortSignal): Promise<Port> {
  const { WebSocket = (globalThis as unknown as { WebSocket: PageSocketClass }).WebSocket } = page
  return new Promise((resolve, reject) => {
    // Why, no browser says.
    const failed = () => reject(new NoDial(new BusError('unavailable', 'the connection could not be opened')))
    const socket = new WebSocket(addressIn(page, '/bus', 'ws'), SUBPROTOCOL)
    const giveUp = () => {
      failed()
      socket.close()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const port = new PagePort(socket, failed)
    socket.onopen = () => {
      signal.removeEventListener('abort', giveUp)
      resolve(port)
    }
    if (signal.aborted) giveUp()
  })
}

class PagePort implements Port {
  readonly #socket: PageSocket
  readonly #arrivals = new Arrivals()

  constructor(socket: PageSocket, ended: () => void) {
    this.#socket = socket
    socket.onmessage = ({ data }: { data: unknown }) => this.#arrivals.text(String(data))
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      ended()
      this.#arrivals.end(code, reason)
    }
    // `onclose` follows and tells all there is. Outside of browsers an error that nobody hears of would end the process.
    socket.onerror = () => {}
  }

  send(text: string): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code >= 3000 ? code : NORMAL, reason)
  }

  buffered(): number {
    return this.#socket.bufferedAmount
  }

  onText(listener: (text: string) => void): void {
    this.#arrivals.onText(listener)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#arrivals.onClose(listener)
  }
}
