import type { IncomingMessage } from 'node:http'
import type { Refusal } from '../refuse.ts'
import type { Whence } from '../whence.ts'
import { cookieOf } from './cookie.ts'
import type { Origins } from './origins.ts'

/** What a request shows at first sight: it is a machine's, or a page's with its cookie. */
export type Sight = { page: false } | { page: true; cookie: string | undefined } | { refusal: Refusal }

const forbidden = (message: string): { refusal: Refusal } => ({ refusal: { status: 403, code: 'forbidden', message } })

const BOTH = forbidden('a machine sends no Origin')
const STRANGE = forbidden("this Origin is not one of the server's own; `serve --origin` names them")
const RENAMED = forbidden('the server is not reached by this name')
const CROSS = forbidden('not for pages of another site')
const NO_ORIGIN = forbidden('what a page changes, it asks with an Origin')
const NO_JSON: { refusal: Refusal } = {
  refusal: { status: 400, code: 'bad_request', message: 'a page sends Content-Type: application/json' },
}

/** Tells pages from machines by what browsers add to a request, which no page can change. */
export class Pages {
  readonly #origins: Origins

  constructor(origins: Origins) {
    this.#origins = origins
  }

  /** Of an upgrade. Without an Origin it is a machine's, whatever cookie it has. */
  upgrade(req: IncomingMessage, whence: Whence): Sight {
    return req.headers.origin === undefined ? { page: false } : this.#withOrigin(req, whence, req.headers.origin)
  }

  /** Of a request. A page that only reads sends no Origin to its own server. */
  request(req: IncomingMessage, whence: Whence): Sight {
    const { origin, authorization, cookie } = req.headers
    if (origin !== undefined) {
      const sight = this.#withOrigin(req, whence, origin)
      return 'refusal' in sight || readsOnly(req) || isJson(req) ? sight : NO_JSON
    }
    const own = cookieOf(cookie, whence)
    if (authorization !== undefined || own === undefined) return { page: false }
    if (!readsOnly(req)) return NO_ORIGIN
    if (!this.#origins.hasHost(req, whence)) return RENAMED
    return isCross(req) ? CROSS : { page: true, cookie: own }
  }

  #withOrigin(req: IncomingMessage, whence: Whence, origin: string): Sight {
    if (req.headers.authorization !== undefined) return BOTH
    if (!this.#origins.has(origin, req, whence)) return STRANGE
    if (!this.#origins.hasHost(req, whence)) return RENAMED
    return { page: true, cookie: cookieOf(req.headers.cookie, whence) }
  }
}

function readsOnly({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** No form and no simple request of another page can say so. */
function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json *(;|$)/i.test(headers['content-type'] ?? '')
}

/** `same-site` is another name of the domain, or another port. Older browsers, and those without TLS, do not say. */
function isCross({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
