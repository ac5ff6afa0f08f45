import { createServer, type Socket } from 'node:net'
import { describe, onTestFinished, test } from 'vitest'
import { listening, urlOf } from '../support/listening.ts'
import { page, without } from './tamperer.ts'
import { expectFault, type Fault, type Planted, sharedWard } from './ward.ts'

const ward = sharedWard()

/** Somebody who answers every request so. */
async function somebody(answer: (head: string) => string): Promise<Planted> {
  const server = await listening(createServer((socket) => void reply(socket, answer)))
  onTestFinished(() => void server.close())
  return { url: urlOf(server) }
}

function reply(socket: Socket, answer: (head: string) => string): void {
  socket.on('error', () => {})
  socket.once('data', (bytes) => void socket.end(answer(bytes.toString('latin1'))))
}

const FAULTS: readonly Fault[] = [
  [
    'some other site',
    () => somebody(() => page('404 Not Found')),
    'server',
    'not_drumline',
    /HTTP 404 of "webby.*right address/,
  ],
  [
    'what speaks no HTTP',
    () => somebody(() => 'SSH-2.0-OpenSSH_9.9\r\n'),
    'server',
    'not_http',
    /no HTTP is spoken there/,
  ],
  [
    'a wrong prefix, which the proxy does not know',
    async (one) => {
      const root = (head: string) => (head.startsWith('GET /bus ') ? head : page('404 Not Found'))
      return { url: `${await one.behind({ request: root })}/ci` }
    },
    'server',
    'wrong_path',
    /HTTP 404 of "webby.*Drumline is at http:\/\/127\.0\.0\.1:\d+: give/,
  ],
  [
    'a prefix that the proxy passes on',
    async (one) => ({ url: `${await one.behind({})}/ci` }),
    'server',
    'wrong_path',
    /not to the path \/ci\/bus.*take \/ci off/,
  ],
  [
    'a redirect',
    () => somebody(() => page('301 Moved', 'location: https://ci.example.com/bus')),
    'server',
    'redirected',
    /to "https:\/\/ci\.example\.com\/bus".*give that address/,
  ],
  [
    'a proxy without its server',
    () => somebody(() => page('502 Bad Gateway')),
    'server',
    'gateway',
    /HTTP 502.*the server behind it is not/,
  ],
  [
    'a proxy with a login of its own',
    () => somebody(() => page('401 Unauthorized', 'www-authenticate: Basic')),
    'server',
    'foreign_login',
    /HTTP 401.*its own credential/,
  ],
  [
    'a server that drains',
    () => somebody(() => page('503 Busy', 'drumline: 1', 'retry-after: 5')),
    'server',
    'unavailable',
    /takes nobody in now.*in 5 s.*wait/,
  ],
  ['half an answer', () => somebody(() => 'HTTP/1.1 200 OK\r\ncont'), 'server', 'broken', /hangs up/],
  [
    'no answer',
    async (one) => ({ url: await one.behind({ request: (head) => head.slice(0, -2) }), patienceMs: 3_000 }),
    'server',
    'silent',
    /no answer to an HTTP request.*hangs/,
  ],
  [
    'the mark taken off',
    async (one) => ({ url: await one.behind({ answer: without('drumline') }) }),
    'server',
    'mark_stripped',
    /`drumline` is taken off.*let it pass/,
  ],
]

describe('at the server', () => {
  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })
})
