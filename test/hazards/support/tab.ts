import type { WebSocket } from 'ws'
import { openSocket } from '../../../src/client/page/socket.ts'
import { Channel, type Clock, MESSAGE, type PassedFrame, type Port, systemClock } from '../../../src/protocol/index.ts'
import type { Page } from '../../support/page.ts'
import { Ledger, type Truth } from './ledger.ts'

/** How a tab reads: not at all, 10 KB a second, or as it comes. */
export type Pace = 'nothing' | 'slowly' | 'all'

const SLOW_BYTES_PER_MS = 10
/** A browser answers pings whatever its page does. */
const ALIVE_MS = 5_000

/** A tab of a browser that is logged in: it has a socket by its own ticket, and reads as its test wants. */
export class Tab {
  readonly ledgers = new Map<string, Ledger>()
  pace: Pace = 'all'
  closed: { code: number; reason: string } | undefined
  readonly #socket: WebSocket
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #stop: (() => void)[] = []
  #welcome: () => void = () => {}

  static async open(page: Page, clock: Clock = systemClock): Promise<Tab> {
    const { ticket } = await page.json<{ ticket: string }>('POST', '/api/ticket', {})
    let socket: WebSocket | undefined
    class Socket extends page.WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol)
        socket = this
      }
    }
    const own = { url: page.origin, fetch: page.fetch, WebSocket: Socket }
    const port = await openSocket(own, AbortSignal.timeout(60_000))
    if (socket === undefined) throw new Error('a page without a socket')
    const tab = new Tab(port, socket, clock)
    await tab.#hello(ticket)
    return tab
  }

  private constructor(port: Port, socket: WebSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    const listen = port.onText.bind(port)
    port.onText = (listener) =>
      listen((text) => {
        listener(text)
        this.#rest(text.length)
      })
    this.#channel = new Channel({
      side: 'client',
      port,
      clock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => this.#take(frame),
      onClose: (code, reason) => {
        this.closed = { code, reason }
      },
    })
  }

  async subscribe(topic: string, truth: Truth): Promise<void> {
    const ledger = new Ledger(topic, truth)
    this.ledgers.set(topic, ledger)
    ledger.open(await this.#channel.call('subscribe', { subscription: topic, topic }))
  }

  read(pace: Pace): void {
    this.pace = pace
    if (pace === 'all') this.#socket.resume()
    else this.#socket.pause()
    if (pace === 'slowly') this.#rest(0)
  }

  close(): void {
    for (const stop of this.#stop) stop()
    this.#socket.resume()
    this.#channel.close(1000, '')
  }

  async #hello(ticket: string): Promise<void> {
    const welcome = new Promise<void>((resolve) => {
      this.#welcome = resolve
    })
    this.#channel.send({ type: 'hello', versions: [1], features: [], boot: ticket, dial: 1, claims: [], ticket })
    await welcome
    const alive = setInterval(() => this.#channel.send({ type: 'pong' }, 'control'), ALIVE_MS)
    this.#stop.push(() => clearInterval(alive))
  }

  #take(frame: PassedFrame): void {
    if (frame.type === 'welcome') this.#welcome()
    else if (frame.type === 'event' || frame.type === 'missed') this.ledgers.get(frame.subscription)?.take(frame)
  }

  /** What was read takes its time before more is. */
  #rest(bytes: number): void {
    if (this.pace !== 'slowly') return
    this.#socket.pause()
    const resume = () => this.pace === 'slowly' && this.#socket.resume()
    this.#stop.push(this.#clock.after(bytes / SLOW_BYTES_PER_MS, resume))
  }
}
