import { dialPage, type Link, type Page, type PageClient, type PageSocket } from '../../src/client/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type PairPort, pair } from '../support/pair.ts'
import { type Script, ServerEnd } from './scripted-server.ts'

/** A server that comes and goes in memory, and a page of it. */
export class PageWorld {
  readonly clock = new FakeClock()
  readonly ends: ServerEnd[] = []
  /** All that the page was told of its link. */
  readonly links: Link[] = []
  script: Script = {}
  /** What the ticket's door answers. Null: there is no network. */
  door: { status: number; headers?: Record<string, string> } | null = { status: 200 }

  client(): Promise<PageClient> {
    const { clock } = this
    return dialPage({ ...this.#page(), clock, onLink: (link) => void this.links.push(link) })
  }

  get last(): ServerEnd {
    const end = this.ends.at(-1)
    if (end === undefined) throw new Error('nobody has dialled')
    return end
  }

  get link(): Link {
    return this.links.at(-1) ?? { state: 'connecting' }
  }

  /** The page, which must be offline. */
  get offline(): Extract<Link, { state: 'offline' }> {
    if (this.link.state !== 'offline') throw new Error(`the page is ${this.link.state}`)
    return this.link
  }

  get states(): string[] {
    return this.links.map(({ state }) => state)
  }

  #page(): Page {
    const open = () => {
      const [near, far] = pair()
      this.ends.push(new ServerEnd(far, this.script, this.clock))
      return near
    }
    const fetch: NonNullable<Page['fetch']> = async () => {
      if (this.door === null) throw new TypeError('Failed to fetch')
      const { status, headers } = this.door
      const refusal = { error: { code: 'forbidden', message: 'nobody is logged in' } }
      const body = status === 200 ? { ticket: 't' } : refusal
      return { ok: status === 200, status, headers: new Headers(headers), json: async () => body }
    }
    const WebSocket = class extends MemorySocket {
      constructor() {
        super(open())
      }
    }
    return { url: 'http://here', fetch, WebSocket }
  }
}

/** A browser's socket over an end of a pair. */
class MemorySocket implements PageSocket {
  readonly #port: PairPort
  readonly bufferedAmount = 0
  readyState = 0
  onopen: PageSocket['onopen'] = null
  onmessage: PageSocket['onmessage'] = null
  onclose: PageSocket['onclose'] = null
  onerror: PageSocket['onerror'] = null

  constructor(port: PairPort) {
    this.#port = port
    port.onText((data) => this.onmessage?.({ data } as never))
    port.onClose((code, reason) => {
      this.readyState = 3
      this.onclose?.({ code, reason } as never)
    })
    queueMicrotask(() => {
      this.readyState = 1
      this.onopen?.({} as never)
    })
  }

  send(text: string): void {
    this.#port.send(text)
  }

  close(code = 1000, reason = ''): void {
    this.#port.close(code, reason)
  }
}
