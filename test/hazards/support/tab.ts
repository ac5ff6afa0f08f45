import type { WebSocket } from 'ws'
import { openSocket } from '../../../src/client/page/socket.ts'
import { Channel, MESSAGE, type PassedFrame, type Port, systemClock } from '../../../src/protocol/index.ts'
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
  readonly #stop: (() => void)[] = []
  #settleHello: (welcome: boolean) => void = () => {}

  /** As a page does, it tries again if a busy machine let it come too late. */
  static async open(page: Page): Promise<Tab> {
    for (;;) {
      const tab = await Tab.#dial(page)
      if (tab !== undefined) return tab
    }
  }

  static async #dial(page: Page): Promise<Tab | undefined> {
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
    const tab = new Tab(port, socket)
    return (await tab.#hello(ticket)) ? tab : undefined
  }

  private constructor(port: Port, socket: WebSocket) {
    this.#socket = socket
    const listen = port.onText.bind(port)
    port.onText = (listener) =>
      listen((text) => {
        listener(text)
        this.#rest(text.length)
      })
    this.#channel = new Channel({
      side: 'client',
      port,
      clock: systemClock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => this.#take(frame),
      onClose: (code, reason) => {
        this.closed = { code, reason }
        this.#settleHello(false)
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

  /** Whether it was welcome. */
  async #hello(ticket: string): Promise<boolean> {
    const welcome = new Promise<boolean>((resolve) => {
      this.#settleHello = resolve
    })
    this.#channel.send({ type: 'hello', versions: [1], features: [], boot: ticket, dial: 1, claims: [], ticket })
    if (!(await welcome)) return false
    const alive = setInterval(() => this.#channel.send({ type: 'pong' }, 'control'), ALIVE_MS)
    this.#stop.push(() => clearInterval(alive))
    return true
  }

  #take(frame: PassedFrame): void {
    if (frame.type === 'welcome') this.#settleHello(true)
    else if (frame.type === 'event' || frame.type === 'missed') this.ledgers.get(frame.subscription)?.take(frame)
  }

  /** What was read takes its time before more is. */
  #rest(bytes: number): void {
    if (this.pace !== 'slowly') return
    this.#socket.pause()
    const resume = () => this.pace === 'slowly' && this.#socket.resume()
    this.#stop.push(systemClock.after(bytes / SLOW_BYTES_PER_MS, resume))
  }
}
