import type { SecureContextOptions } from 'node:tls'
import { silentLog } from '../../protocol/index.ts'
import type { ServerOptions } from '../options.ts'
import { StartError } from '../start-error.ts'
import { readTls } from './certificate.ts'
import { Origins } from './login/origins.ts'
import { Pages } from './login/pages.ts'
import { Trusted } from './trusted.ts'

/** Where a server is reached, and by what it knows who comes. */
export interface Entrance {
  readonly host: string
  /** With 0 a free one is taken. */
  readonly port: number
  /** Undefined: in the clear. */
  readonly tls: SecureContextOptions | undefined
  readonly trusted: Trusted
  readonly pages: Pages
}

/** As the options describe it. Throws `StartError` for what is none. */
export function entranceOf(options: ServerOptions): Entrance {
  const { host = '127.0.0.1', port = 7800, tls, trustProxy, origins, log = silentLog } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError('bad_option', 'the port must be between 0 and 65535')
  }
  return {
    host,
    port,
    tls: tls === undefined ? undefined : readTls(tls, log),
    trusted: new Trusted(trustProxy),
    pages: new Pages(new Origins(origins)),
  }
}
