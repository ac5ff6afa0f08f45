import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate } from './certificates.ts'
import { freePort } from './listening.ts'
import { Running } from './running.ts'
import { waitUntil } from './wait-until.ts'

/** How long a tunnel may be idle in each of them. */
export const IDLE_S = 3
const USER = 'me'
const PASSWORD = 'sesame'
/** As it stands in an address. */
export const LOGIN = `${USER}:${PASSWORD}`
/** A port that none of them connects to. */
export const FORBIDDEN_PORT = 9

/** A real forward proxy, in a folder and at ports of its own. */
export class ForwardProxy {
  readonly #folder: string
  readonly #running: Running
  readonly #ports: readonly number[]

  private constructor(folder: string, command: string, args: readonly string[], ports: readonly number[]) {
    this.#folder = folder
    this.#ports = ports
    const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: folder }
    this.#running = new Running(command, args, { cwd: folder, env })
  }

  /** Ports for everybody, for who logs in, and the latter over TLS. */
  static async squid({ cert, key }: Certificate): Promise<ForwardProxy> {
    const folder = folderOf('squid')
    const ports = [await freePort(), await freePort(), await freePort()]
    const [open, login, secure] = ports
    const password = execFileSync('openssl', ['passwd', '-apr1', PASSWORD]).toString().trim()
    writeFileSync(join(folder, 'passwords'), `${USER}:${password}\n`)
    const lines = [
      `http_port 127.0.0.1:${open} name=open`,
      `http_port 127.0.0.1:${login}`,
      `https_port 127.0.0.1:${secure} tls-cert=${cert} tls-key=${key}`,
      `read_timeout ${IDLE_S} seconds`,
      `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${join(folder, 'passwords')}`,
      'auth_param basic children 1',
      `acl forbidden port ${FORBIDDEN_PORT}`,
      'acl open myportname open',
      'acl known proxy_auth REQUIRED',
      'http_access deny forbidden',
      'http_access allow open',
      'http_access allow known',
      'http_access deny all',
      ...QUIET_SQUID,
      `coredump_dir ${folder}`,
    ]
    return new ForwardProxy(folder, 'squid', ['-N', '-f', fileIn(folder, lines)], ports).up()
  }

  /** One port, for everybody or for who logs in. */
  static async tinyproxy(login: boolean): Promise<ForwardProxy> {
    const folder = folderOf('tinyproxy')
    const port = await freePort()
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', `Timeout ${IDLE_S}`, 'MaxClients 50', 'LogLevel Warning']
    if (login) lines.push(`BasicAuth ${USER} ${PASSWORD}`)
    return new ForwardProxy(folder, 'tinyproxy', ['-d', '-c', fileIn(folder, lines)], [port]).up()
  }

  /** `host:port` of each port. */
  get hosts(): string[] {
    return this.#ports.map((port) => `localhost:${port}`)
  }

  async up(): Promise<this> {
    for (const port of this.#ports) {
      await waitUntil(() => this.#listens(port), { limitMs: 60_000, what: `${this.#running.command} listening` })
    }
    return this
  }

  async stop(): Promise<void> {
    this.#running.signal('SIGTERM')
    await waitUntil(() => this.#running.ended, { limitMs: 60_000, what: `the end of ${this.#running.command}` })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #listens(port: number): Promise<boolean> {
    const { ended, command } = this.#running
    if (ended !== undefined) throw new Error(`${command} ended: ${this.#running.stderr()}${this.#running.stdout()}`)
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })
  }
}

const QUIET_SQUID = [
  'visible_hostname squid.test',
  'pid_filename none',
  'netdb_filename none',
  'pinger_enable off',
  'cache deny all',
  'cache_log /dev/stderr',
  'access_log none',
  'shutdown_lifetime 0 seconds',
  // It makes room for as many as it may have.
  'max_filedescriptors 1024',
]

/** Squid leaves root for a user of its own, who must get in. */
function folderOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `drumline-${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

function fileIn(folder: string, lines: readonly string[]): string {
  const file = join(folder, 'conf')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
