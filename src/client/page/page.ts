/** As much of `fetch` as a page of ours needs. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal; redirect: 'error' },
) => Promise<{
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  json(): Promise<unknown>
}>

/** As much of a browser's WebSocket as is needed. */
export interface PageSocket {
  /** Bytes that were handed over and have not left. */
  readonly bufferedAmount: number
  /** 1: open. */
  readonly readyState: number
  /** Sends one message. */
  send(text: string): void
  /** Closes with 1000, or a code from 3000 on: others a page may not say. */
  close(code?: number, reason?: string): void
  /** Called once it is open. */
  onopen: ((event: never) => void) | null
  /** Called with each message, as `data`. */
  onmessage: ((event: never) => void) | null
  /** Called at its end, with `code` and `reason`. */
  onclose: ((event: never) => void) | null
  /** Called before `onclose` when it failed. */
  onerror: ((event: never) => void) | null
}

/** What makes one: `WebSocket` in a browser. */
export type PageSocketClass = new (url: string, protocol: string) => PageSocket

/** A page of a server: where that is, and what the browser gives it. */
export interface Page {
  /** Of the server, with the prefix that a proxy shows it under: `https://ci.example.com`, `https://example.com/ci`. */
  url: string
  /** Default: the browser's own, which adds Origin and cookie. */
  fetch?: Fetch
  /** Default: the browser's own. */
  WebSocket?: PageSocketClass
}

/** An address of the server, by its path there. Throws a `TypeError` for a page that is none. */
export function addressIn({ url }: Page, path: string, scheme: 'http' | 'ws' = 'http'): string {
  const base = new URL(url)
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.protocol}// is not http or https`)
  return `${base.protocol.replace('http', scheme)}//${base.host}${base.pathname.replace(/\/+$/, '')}${path}`
}
