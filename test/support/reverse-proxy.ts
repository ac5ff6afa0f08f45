import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { Authority } from './certificates.ts'
import { freePort } from './listening.ts'
import { Running } from './running.ts'
import { ROOT } from './stage.ts'
import { waitUntil } from './wait-until.ts'

/** How long a connection may be idle, in each of them. */
export const IDLE_S = 3

interface Place {
  folder: string
  port: number
  admin: number
  upstream: string
  fullchain: string
  key: string
  haproxy: string
}

interface Program {
  /** In docs/proxies: what an operator takes, with these texts replaced and nothing else. */
  file: string
  replaced(place: Place): readonly (readonly [text: string, by: string])[]
  start(file: string): readonly [command: string, ...args: string[]]
  /** As its file says. */
  reload(running: Running, file: string): void
}

const COMMON = ({ upstream }: Place) => [['127.0.0.1:7800', upstream]] as const
const FILES = ({ fullchain, key }: Place) =>
  [
    ['/etc/drumline/fullchain.pem', fullchain],
    ['/etc/drumline/key.pem', key],
  ] as const

export const PROXIES = {
  nginx: {
    file: 'nginx.conf',
    replaced: (place) => [
      ...COMMON(place),
      ...FILES(place),
      ['listen 443 ssl', `listen 127.0.0.1:${place.port} ssl`],
      ['server_name ci.example.com', 'server_name localhost'],
      ['/run/nginx.pid', join(place.folder, 'pid')],
      ['/var/log/nginx/error.log', 'stderr'],
      ['/var/log/nginx/access.log', join(place.folder, 'access.log')],
      ['60s', `${IDLE_S}s`],
    ],
    start: (file) => ['nginx', '-c', file, '-e', 'stderr', '-g', 'daemon off;'],
    reload: (running) => running.signal('SIGHUP'),
  },
  haproxy: {
    file: 'haproxy.cfg',
    replaced: (place) => [
      ...COMMON(place),
      ['/etc/drumline/haproxy.pem', place.haproxy],
      ['bind :443 ', `bind 127.0.0.1:${place.port} `],
      ['60s', `${IDLE_S}s`],
    ],
    start: (file) => ['haproxy', '-W', '-f', file],
    reload: (running) => running.signal('SIGUSR2'),
  },
  caddy: {
    file: 'Caddyfile',
    replaced: (place) => [
      ...COMMON(place),
      ...FILES(place),
      ['https://ci.example.com:443 {', `https://localhost:${place.port} {`],
      // Without the port 80 of the whole machine.
      [
        'admin localhost:2019',
        `admin localhost:${place.admin}\n  auto_https disable_redirects\n  default_bind 127.0.0.1`,
      ],
      ['60s', `${IDLE_S}s`],
    ],
    start: (file) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
    reload: (_, file) => {
      const admin = /admin (localhost:\d+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
      const { status, stderr } = spawnSync('caddy', [
        ...['reload', '--adapter', 'caddyfile', '--config', file, '--address', admin, '--force'],
      ])
      if (status !== 0) throw new Error(stderr.toString())
    },
  },
  apache2: {
    file: 'httpd.conf',
    replaced: (place) => [
      ...COMMON(place),
      ...FILES(place),
      ['Listen 443', `Listen 127.0.0.1:${place.port}`],
      ['<VirtualHost *:443>', `<VirtualHost *:${place.port}>`],
      ['ServerName ci.example.com', 'ServerName localhost'],
      ['/run/drumline-httpd.pid', join(place.folder, 'pid')],
      ['/var/log/apache2/error.log', join(place.folder, 'error.log')],
      ['Timeout 60', `Timeout ${IDLE_S}`],
    ],
    start: (file) => ['apache2', '-f', file, '-D', 'FOREGROUND'],
    reload: (running) => running.signal('SIGUSR1'),
  },
} as const satisfies Record<string, Program>

export type ProxyName = keyof typeof PROXIES

/** A real reverse proxy, started with the file from docs/proxies, in a folder of its own. */
export class ReverseProxy {
  readonly url: string
  readonly #program: Program
  readonly #running: Running
  readonly #file: string
  readonly #folder: string

  private constructor(program: Program, place: Place) {
    const { folder, port } = place
    this.url = `https://localhost:${port}`
    this.#program = program
    this.#folder = folder
    this.#file = join(folder, program.file)
    writeFileSync(this.#file, textFor(program, place))
    const [command, ...args] = program.start(this.#file)
    const env = {
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      XDG_DATA_HOME: folder,
    }
    this.#running = new Running(command, args, { cwd: folder, env })
  }

  /** Before a server on this port; its certificate is for `localhost`. */
  static async start(name: ProxyName, upstreamPort: number, authority: Authority): Promise<ReverseProxy> {
    const folder = mkdtempSync(join(tmpdir(), `drumline-${name}-`))
    const { cert, key } = authority.sign(name, { hosts: ['localhost'] })
    const haproxy = join(folder, 'haproxy.pem')
    writeFileSync(haproxy, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'))
    const [port, admin] = [await freePort(), await freePort()]
    const upstream = `127.0.0.1:${upstreamPort}`
    const proxy = new ReverseProxy(PROXIES[name], { folder, port, admin, upstream, fullchain: cert, key, haproxy })
    await proxy.#isUp(port, authority.pem)
    return proxy
  }

  reload(): void {
    this.#program.reload(this.#running, this.#file)
  }

  async stop(): Promise<void> {
    this.#running.signal('SIGTERM')
    await waitUntil(() => this.#running.ended, { limitMs: 60_000, what: `the end of ${this.#running.command}` })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #isUp(port: number, ca: string): Promise<void> {
    const answers = () =>
      new Promise<boolean>((resolve, reject) => {
        const { ended, command } = this.#running
        if (ended !== undefined) reject(new Error(`${command} ended: ${this.#running.stderr()}`))
        const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => resolve(true))
        socket.on('error', () => resolve(false)).on('secureConnect', () => socket.destroy())
      })
    await waitUntil(answers, { limitMs: 60_000, what: `${this.#running.command} answering` })
  }
}

/** The file as it is, with these texts replaced. Each must be there: nobody is shown one file and given another. */
function textFor({ file, replaced }: Program, place: Place): string {
  let text = readFileSync(join(ROOT, 'docs', 'proxies', file), 'utf8')
  for (const [from, by] of replaced(place)) {
    if (!text.includes(from)) throw new Error(`docs/proxies/${file} does not say ${from}`)
    text = text.replaceAll(from, by)
  }
  return text
}
