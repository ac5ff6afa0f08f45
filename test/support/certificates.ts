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
  /** Good from the year 2099 on. */
  early?: boolean
  /** Nothing vouches for it but itself. */
  selfSigned?: boolean
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

  sign(name: string, { hosts = [], days = 30, selfSigned = false, early = false }: Ask = {}): Certificate {
    const at = (suffix: string) => join(this.#folder, `${name}.${suffix}`)
    const key = at('key')
    openssl('req', ...NEW_KEY, key, '-out', at('csr'), '-subj', `/CN=${name}`)
    writeFileSync(at('ext'), extensions(hosts))
    const by = selfSigned ? ['-signkey', key] : ['-CA', this.cert, '-CAkey', this.#path('key'), '-CAcreateserial']
    if (early) this.#signEarly(at)
    else
      openssl('x509', '-req', '-in', at('csr'), ...by, '-out', at('pem'), '-days', String(days), '-extfile', at('ext'))
    return { cert: at('pem'), key }
  }

  /** Only the whole machinery of an authority takes a first day. */
  #signEarly(at: (suffix: string) => string): void {
    const place = { database: at('index'), serial: at('serial'), new_certs_dir: this.#folder }
    const settings = Object.entries({ ...place, default_md: 'sha256', policy: 'p' }).map((pair) => pair.join('='))
    writeFileSync(at('cnf'), ['[ca]', 'default_ca=a', '[p]', 'commonName=supplied', '[a]', ...settings, ''].join('\n'))
    writeFileSync(place.database, '')
    writeFileSync(place.serial, '01')
    const by = ['-cert', this.cert, '-keyfile', this.#path('key'), '-extfile', at('ext')]
    const when = ['-startdate', '20990101000000Z', '-enddate', '20990201000000Z']
    openssl('ca', '-batch', '-notext', '-config', at('cnf'), ...by, ...when, '-in', at('csr'), '-out', at('pem'))
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
