import { describe, expect, onTestFinished, test } from 'vitest'
import { CLOSE } from '../../src/protocol/index.ts'
import { strangeServer } from '../support/strange-server.ts'
import { having, page, type Tampering, without } from './tamperer.ts'
import { expectFault, expectWell, type Fault, type Planted, sharedWard, type Ward } from './ward.ts'

const ward = sharedWard()

const behind = async (one: Ward, harm: Tampering): Promise<Planted> => ({ url: await one.behind(harm) })
const isUpgrade = (head: string): boolean => /^upgrade: websocket/im.test(head)

/** Lets a browser's requests through, and no WebSocket. */
const guard = (status: string) => (head: string) => (isUpgrade(head) ? page(status) : head)

const FAULTS: readonly Fault[] = [
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

describe('between the server and its welcome', () => {
  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })

  test('nothing, and what an enrolment token cannot show', async () => {
    const { token } = await ward().client.call('token.create', { role: 'agent', enrol: true })
    const findings = await ward().findings({ url: ward().url, token })
    expectWell(findings.slice(0, -4), ['name', 'tunnel', 'tls'])
    expect(findings.slice(-4).map(({ status, found }) => `${status}: ${found}`)).toEqual(
      Array(4).fill('untried: an enrolment token is good for nothing else'),
    )
  })

  test('all that can be seen without a credential', async () => {
    const findings = await ward().findings({ url: ward().url, token: undefined })
    const untried = findings.filter(({ status }) => status === 'untried')
    expectWell(findings.slice(0, -untried.length), ['name', 'tunnel', 'tls', 'credential'])
    expect(untried.map(({ check }) => check)).toEqual(['welcome', 'clock', 'large', 'push', 'idle'])
  })
})
