import { createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CLOSE } from '../../src/protocol/index.ts'
import { listening, urlOf } from '../support/listening.ts'
import { strangeServer } from '../support/strange-server.ts'
import { having, page, without } from './tamperer.ts'
import { expectFault, expectWell, type Fault, type Planted, sharedWard, type Ward } from './ward.ts'

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

const behind = async (one: Ward, harm: Parameters<Ward['behind']>[0]): Promise<Planted> => ({
  url: await one.behind(harm),
})
const isUpgrade = (head: string): boolean => /^upgrade: websocket/im.test(head)

/** Lets a browser's requests through, and no WebSocket. */
const guard = (status: string) => (head: string) => (isUpgrade(head) ? page(status) : head)

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
    (one) => behind(one, { answer: without('drumline') }),
    'server',
    'mark_stripped',
    /`drumline` is taken off.*let it pass/,
  ],
  [
    'Upgrade taken off',
    (one) => behind(one, { request: without('upgrade', 'connection') }),
    'upgrade',
    'upgrade_stripped',
    /no Upgrade.*HTTP\/1\.1/,
  ],
  [
    'an upgrade answered with 400 on the way',
    (one) => behind(one, { request: guard('400 Bad Request') }),
    'upgrade',
    'upgrade_refused',
    /HTTP 400 of "webby.*pass Upgrade/,
  ],
  [
    'an upgrade answered with a page on the way',
    (one) => behind(one, { request: guard('200 OK') }),
    'upgrade',
    'upgrade_refused',
    /HTTP 200 of "webby/,
  ],
  [
    'an upgrade forbidden on the way',
    (one) => behind(one, { request: guard('403 Forbidden') }),
    'upgrade',
    'upgrade_refused',
    /HTTP 403.*allowed for this host/,
  ],
  [
    'an Origin put in',
    (one) => behind(one, { request: having('origin: http://ci') }),
    'upgrade',
    'origin_added',
    /Origin is added.*taken off/,
  ],
  [
    'a key lost',
    (one) => behind(one, { request: without('sec-websocket-key') }),
    'upgrade',
    'upgrade_altered',
    /malformed/,
  ],
  [
    'compression put in',
    (one) => behind(one, { answer: having('sec-websocket-extensions: permessage-deflate') }),
    'upgrade',
    'extension_added',
    /"permessage-deflate".*without compression/,
  ],
  [
    'the subprotocol taken off the request',
    (one) => behind(one, { request: without('sec-websocket-protocol') }),
    'subprotocol',
    'subprotocol_stripped',
    /did not get the offer.*Sec-WebSocket-Protocol/,
  ],
  [
    'the subprotocol taken off the answer',
    (one) => behind(one, { answer: without('sec-websocket-protocol') }),
    'subprotocol',
    'subprotocol_lost',
    /names none.*both ways/,
  ],
  [
    'Authorization taken off',
    (one) => behind(one, { request: without('authorization') }),
    'credential',
    'credential_stripped',
    /did not reach.*pass Authorization on/,
  ],
  [
    'Authorization replaced',
    (one) => behind(one, { request: (head) => having('authorization: Basic bWU=')(without('authorization')(head)) }),
    'credential',
    'credential_stripped',
    /did not reach/,
  ],
  [
    'a wrong credential',
    ({ url }) => ({ url, token: 'drl_nonsense' }),
    'credential',
    'credential_unknown',
    /does not accept it.*token list/,
  ],
  [
    'a revoked one',
    async (one) => {
      const { id, token } = await one.tokenOf('operator')
      await one.client.call('token.revoke', { id })
      return { url: one.url, token }
    },
    'credential',
    'credential_unknown',
    /has expired or was revoked/,
  ],
  [
    'one that ends soon',
    async (one) => {
      const { token } = await one.client.call('token.create', { role: 'viewer', expiresMs: 86_400_000 })
      return { url: one.url, token }
    },
    'welcome',
    'credential_expires_soon',
    /you are the viewer .*, until 20.* UTC.*token rotate/,
  ],
  [
    'a server of another version',
    async () => {
      const other = await strangeServer((port) => port.close(CLOSE.version, 'this server speaks 7'))
      onTestFinished(() => other.close())
      return { url: other.url }
    },
    'welcome',
    'version',
    /no version.*"this server speaks 7".*closer to each other/,
  ],
  [
    'messages that are held back for ever',
    async (one) => ({ ...(await behind(one, { down: () => {} })), patienceMs: 3_000 }),
    'welcome',
    'no_welcome',
    /nothing comes back.*unbuffered/,
  ],
]

describe('between the connection and the welcome', () => {
  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })

  test('all that can be seen without a credential', async () => {
    const findings = await ward().findings({ url: ward().url, token: undefined })
    const untried = findings.filter(({ status }) => status === 'untried')
    expectWell(findings.slice(0, -untried.length), ['name', 'tunnel', 'tls', 'credential'])
    expect(untried.map(({ check }) => check)).toEqual(['welcome', 'clock', 'large', 'push', 'idle'])
  })
})
