import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Server, type ServerOptions, startServer } from '../../../src/server/index.ts'

/** A server with a port and a folder of its own; both go with the test. */
export async function serve(more: Partial<ServerOptions> = {}): Promise<{ server: Server; token: string }> {
  const data = more.data ?? (await folder())
  const server = await startServer({ port: 0, ...more, data })
  onTestFinished(() => server.close())
  return { server, token: (await readFile(server.adminTokenFile, 'utf8')).trim() }
}

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'drumline-start-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export const UPGRADE = {
  host: 'drumline',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'drumline.v1',
}

/** A request as it stands on the wire. */
export function requestText(headers: Record<string, string>, line = 'GET /bus HTTP/1.1'): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${[line, ...lines].join('\r\n')}\r\n\r\n`
}

/** Opens a plain TCP connection. */
export function dialTcp(server: { readonly port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Sends a request and reads what comes back: all of it where the server closes, the head alone where it switches. */
export async function exchange(server: { readonly port: number }, request: string): Promise<Answer> {
  const socket = await dialTcp(server)
  const text = await new Promise<string>((resolve, reject) => {
    let got = ''
    socket.on('error', reject)
    socket.on('close', () => resolve(got))
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
      if (got.startsWith('HTTP/1.1 101') && got.includes('\r\n\r\n')) socket.destroy()
    })
    socket.write(request)
  })
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [line = '', ...rest] = head.split('\r\n')
  const headers = rest.map((header) => {
    const [name = '', ...value] = header.split(':')
    return [name.toLowerCase(), value.join(':').trim()] as const
  })
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers), body }
}
