import { connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { listening, urlOf } from '../support/listening.ts'

/** What a reverse proxy does to what passes. */
export interface Tampering {
  /** The head of the request as it goes on; an answer in its place if it begins like one. */
  request?: (head: string) => string
  /** The head of the answer as it goes on. */
  answer?: (head: string) => string
  /** Carries what follows the heads, from the client to the server; default as it is. */
  up?: (from: Socket, to: Socket) => void
  /** The other way. */
  down?: (from: Socket, to: Socket) => void
}

/** A reverse proxy for one request a connection, which harms as it is told. Answers its address. */
export async function tamperer(target: number, harm: Tampering, closing: (close: () => void) => void): Promise<string> {
  const server = await listening(createServer((client) => void serve(client, target, harm)))
  const open = new Set<Socket>()
  server.on('connection', (socket) => open.add(socket))
  closing(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return urlOf(server)
}

async function serve(client: Socket, target: number, harm: Tampering): Promise<void> {
  client.on('error', () => {})
  const { request = same, answer = same, up = pipe, down = pipe } = harm
  const asked = request(await headOf(client))
  if (asked.startsWith('HTTP/1.1 ')) {
    client.end(asked)
    return
  }
  const server = connect(target, '127.0.0.1')
  server.on('error', () => client.destroy())
  server.on('close', () => client.destroy())
  client.on('close', () => server.destroy())
  server.write(asked)
  up(client, server)
  client.resume()
  client.write(answer(await headOf(server)))
  down(server, client)
  server.resume()
}

const same = (head: string): string => head
const pipe = (from: Duplex, to: Duplex): void => void from.pipe(to)

/** Up to the empty line; what came with it is left to be read. */
function headOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0)
    const take = (bytes: Buffer): void => {
      got = Buffer.concat([got, bytes])
      const end = got.indexOf('\r\n\r\n')
      if (end === -1) return
      socket.off('data', take)
      socket.pause()
      socket.unshift(got.subarray(end + 4))
      resolve(got.subarray(0, end + 4).toString('latin1'))
    }
    socket.on('data', take)
  })
}

/** Takes a header off. */
export function without(...names: string[]): (head: string) => string {
  const lost = new RegExp(`^(?:${names.join('|')}):.*\r\n`, 'gim')
  return (head) => head.replace(lost, '')
}

/** Puts a header in. */
export function having(line: string): (head: string) => string {
  return (head) => head.replace('\r\n', `\r\n${line}\r\n`)
}

/** An answer of somebody who is no Drumline. */
export function page(status: string, ...headers: string[]): string {
  const text = `<html><title>${status}</title></html>`
  const lines = [
    `HTTP/1.1 ${status}`,
    'server: webby/1.0',
    ...headers,
    'connection: close',
    `content-length: ${text.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}
