import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key, as the files that programs are started with. */
export interface Certificate {
  cert: string
  key: string
}

interface Ask {
  /** DNS names and addresses that it is for. None: a client's. */
  hosts?: readonly string[]
  /** Days that it is good for, counted from now; −1: it expired yesterday. */
  days?: number
}

/** An authority of one test, with the certificates it has signed, as PEM files in a folder. Made by `openssl`. */
export class Authority {
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, name = 'authority') {
    this.#folder = folder
    this.#name = name
    mkdirSync(folder, { recursive: true })
    openssl('req', '-x509', ...NEW_KEY, this.#path('key'), '-out', this.cert, '-days', '30', '-subj', `/CN=${name}`)
  }

  /** The file that others have to trust. */
  get cert(): string {
    return this.#path('pem')
  }

  /** What stands in that file. */
  get pem(): string {
    return readFileSync(this.cert, 'utf8')
  }

  sign(name: string, { hosts = [], days = 30 }: Ask = {}): Certificate {
    const at = (suffix: string) => join(this.#folder, `${name}.${suffix}`)
    const key = at('key')
    openssl('req', ...NEW_KEY, key, '-out', at('csr'), '-subj', `/CN=${name}`)
    writeFileSync(at('ext'), extensions(hosts))
    const by = ['-CA', this.cert, '-CAkey', this.#path('key'), '-CAcreateserial']
    openssl('x509', '-req', '-in', at('csr'), ...by, '-out', at('pem'), '-days', String(days), '-extfile', at('ext'))
    return { cert: at('pem'), key }
  }

  #path(suffix: string): string {
    return join(this.#folder, `${this.#name}.${suffix}`)
  }
}

/** A curve's key is made at once; an RSA key takes a busy machine seconds. */
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout']

function extensions(hosts: readonly string[]): string {
  if (hosts.length === 0) return 'extendedKeyUsage=clientAuth\n'
  const names = hosts.map((host) => `${/^[\d.]+$|:/.test(host) ? 'IP' : 'DNS'}:${host}`)
  return `extendedKeyUsage=serverAuth\nsubjectAltName=${names.join(',')}\n`
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
