import type { AgentInfo, Clock, Log, ParamsOf, Peer, ResultOf } from '../protocol/index.ts'

/** What TLS is spoken with. Everything is PEM. */
export interface TlsOptions {
  /** The server's certificate, followed by those between it and its authority. */
  cert: string
  /** Its key, not encrypted. */
  key: string
  /** Authorities of the clients: who has no certificate of theirs is refused, beside the need of a token. */
  clientCa?: string
}

/** Where a server listens and keeps its data, and how long its leases live. */
export interface ServerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string
  /** 0 … 65535, where 0 is any free one. Default 7800. */
  port?: number
  /** Directory of the database, the admin token and the lock; made if missing, for this user only. One server at a time. */
  data: string
  /** The SQLite file. Made if missing, for this user only; one server at a time. Default: `drumline.db` in the directory. */
  database?: string
  /**
   * How long an ended workflow, its logs included, is kept, in milliseconds; Infinity: for ever. Default 30 days; at
   * least an hour, in tests 1 s.
   */
  keepMs?: number
  /**
   * How long it is known who did what, in milliseconds; Infinity: for ever. Default 90 days; at least an hour, in tests 1 s.
   */
  auditKeepMs?: number
  /** Time to live of a lease that names none, in milliseconds. Default 5 minutes; at least 30 s, in tests 1 s. */
  leaseMs?: number
  /** Leases from 1 s, margins in proportion. For tests only. */
  testTimings?: boolean
  /** Becomes the admin token at the first start: up to 512 printable characters without spaces. Default: a new one. */
  adminToken?: string
  /** Speaks TLS, 1.2 or newer. Default: HTTP in the clear, for this machine or for a proxy in front. */
  tls?: TlsOptions
  /**
   * Proxies whose word on a client (`X-Forwarded-For`, `-Proto`, `-Host`, `-Prefix`) counts: addresses, ranges such as
   * `10.0.0.0/8`, `loopback`. Default: none.
   */
  trustProxy?: readonly string[]
  /**
   * Whose pages may log in: `https://ci.example.com`. Default: the name by which the server is reached over TLS, its own or
   * a trusted proxy's, and a loopback address that it listens on.
   */
  origins?: readonly string[]
  /** Connections of the bus at a time; 1 or more, default 20,000. Further ones are told 503 and to come again. */
  maxConnections?: number
  /**
   * The same from one address (of IPv6: one /64); 1 or more, default 10,000, so that a fleet behind one router fits. Behind
   * a proxy that `trustProxy` does not name, all agents are one address. Further ones are told 429 and to come again.
   */
  maxConnectionsPerAddress?: number
  /** Where it says what happens; pino fits. Default: it says nothing. */
  log?: Log
  /** Default: the machine's own. */
  clock?: Clock
  /** @internal For tests: where this process dies, as `crashAt` reads it. */
  crash?: string
}

/** A server that listens, until `drain` or `close`. */
export interface Server {
  /** Where it listens: `http://127.0.0.1:7800`, with TLS `https://…`. */
  readonly url: string
  /** The port in use, also when any free one was asked for. */
  readonly port: number
  /** Path of the file that holds the admin's token, readable for this user only. */
  readonly adminTokenFile: string
  /** Resolves when the server has ended, whoever asked for it; rejects if it had to end because its store failed. */
  readonly closed: Promise<void>
  /**
   * An agent in this process, over the same queue and store and without a socket. Rejects with `CloseError` if its name
   * is in use, with `BusError('draining')` once the server ends.
   */
  peer(info: AgentInfo): Promise<Peer & { close(): Promise<void> }>
  /**
   * A credential for an agent, an operator or a viewer, as the method `token.create` makes them. The token is told this
   * once. Rejects with `BusError('bad_request')` for a name or labels that are none.
   */
  createToken(ask: ParamsOf<'token.create'>): Promise<ResultOf<'token.create'>>
  /**
   * An address that logs a browser in as the admin, once and within ten minutes: at the first of `origins`, or where it
   * listens. What is secret in it stands in the fragment, which no browser sends anywhere.
   */
  loginLink(): Promise<string>
  /**
   * Another certificate for those who come from now on; whoever is connected stays. Throws `StartError('tls_refused')`, and goes
   * on with the old one, where it is no good or the server does not speak TLS.
   */
  reloadTls(tls: TlsOptions): void
  /** No more offers, every client leaves at its slot (60 s at most), then `close`. Waits for no workflow. */
  drain(): Promise<void>
  /** Ends at once and loses nothing: what was asked of the store is written. Idempotent. */
  close(): Promise<void>
}
