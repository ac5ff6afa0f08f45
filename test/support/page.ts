import { WebSocket } from 'ws'

/**
 * A page as a browser shows it, of whatever origin: it keeps cookies and says where it comes from, and no script of it can
 * change that. It knows nothing of SameSite, so what keeps others out has to be the server.
 */
export class Page {
  readonly origin: string
  /** By name. Pages that share one are tabs of one browser. */
  readonly cookies: Map<string, string>
  /** Every `Set-Cookie` it was sent. */
  readonly given: string[] = []

  constructor(origin: string, cookies = new Map<string, string>()) {
    this.origin = origin
    this.cookies = cookies
  }

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const own = new URL(url).origin === this.origin
    const reads = ['GET', 'HEAD'].includes(init.method ?? 'GET')
    const headers = new Headers(init.headers)
    headers.set('sec-fetch-site', own ? 'same-origin' : 'cross-site')
    if (!own || !reads) headers.set('origin', this.origin)
    if (this.cookies.size > 0) headers.set('cookie', this.#cookie())
    const response = await fetch(url, { ...init, headers })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  /** Asks its own server, with JSON as a page sends it. */
  ask(method: string, path: string, body?: unknown): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    return this.fetch(`${this.origin}${path}`, { method, headers: { 'content-type': 'application/json' }, ...json })
  }

  /** The JSON of a success; throws on anything else. */
  async json<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.ask(method, path, body)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }

  /** A WebSocket as this page opens it. */
  get WebSocket(): new (
    url: string,
    protocol: string,
  ) => WebSocket {
    const headers = () => (this.cookies.size === 0 ? {} : { cookie: this.#cookie() })
    const { origin } = this
    return class extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { origin, headers: headers(), perMessageDeflate: false })
      }
    }
  }

  #cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #keep(line: string): void {
    this.given.push(line)
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
