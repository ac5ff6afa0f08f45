import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { processesIn } from './proc.ts'

export interface GitServerOptions {
  /** Folder of bare repositories. */
  root: string
  /** `user:password` that it wants; whoever brings none is asked. */
  login?: string
  /** Called for each request that may pass; what is left pending holds the answer back. */
  onRequest?: () => Promise<void> | void
}

/** git's own server behind a few lines of HTTP, as large hosts have it. */
export class GitServer {
  readonly #options: GitServerOptions
  readonly #server: Server
  readonly #running = new Set<ChildProcess>()

  constructor(options: GitServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: Error) => response.destroy(error))
    })
  }

  /** Resolves to its URL, without a slash at the end. */
  listen(): Promise<string> {
    return addressOf(this.#server)
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { login, onRequest } = this.#options
    const given = request.headers.authorization
    if (login !== undefined && given !== `Basic ${Buffer.from(login).toString('base64')}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    await onRequest?.()
    this.#backend(request, response)
  }

  #backend(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', 'http://here')
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.#options.root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers['content-type'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    child.stdin.on('error', () => {})
    request.pipe(child.stdin)
    answer(child, response)
  }
}

/** CGI: headers, an empty line, the body. */
function answer({ stdout }: ChildProcess, response: ServerResponse): void {
  let head = Buffer.alloc(0)
  const begin = (bytes: Buffer): void => {
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    stdout?.off('data', begin)
    const lines = head.toString('latin1', 0, end).split('\r\n')
    const headers = lines.map((line) => line.split(/: */, 2) as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== 'Status')))
    response.write(head.subarray(end + 4))
    stdout?.pipe(response)
  }
  stdout?.on('data', begin)
}

async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A bare HTTP server until the end of the test; resolves to its URL. */
export async function listening(answers: RequestListener): Promise<string> {
  const server = createServer(answers)
  onTestFinished(() => void server.close())
  return addressOf(server)
}

const AUTHOR = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }

/** Runs git in a folder and answers what it prints. */
export function git(folder: string, ...args: string[]): string {
  // Nothing of the machine's or the user's settings.
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...AUTHOR }
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** Arguments of every process that lives in the folder. */
export function argumentsIn(folder: string): string[] {
  return processesIn(folder).map(({ command }) => command)
}
