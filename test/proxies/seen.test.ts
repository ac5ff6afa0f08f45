import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Trusted } from '../../src/server/http/trusted.ts'
import { type Whence, whenceOf } from '../../src/server/http/whence.ts'
import { UPGRADE as ASKED, requestText } from '../server/support/served.ts'
import { Authority } from '../support/certificates.ts'
import { listening } from '../support/listening.ts'
import { PROXIES, type ProxyName, ReverseProxy } from '../support/reverse-proxy.ts'
import { needsTool } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-seen-'))
const { host: _, ...UPGRADE } = ASKED
const SWITCHING = 'HTTP/1.1 101 Switching Protocols'
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const LIES = {
  'x-forwarded-for': '6.6.6.6',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-prefix': '/evil',
}
let authority: Authority

/** Behind a proxy, a server that answers with where it thinks a request comes from, and a WebSocket with nothing. */
async function behind(name: ProxyName) {
  const trusted = new Trusted(['127.0.0.1'])
  const echo = await listening(
    createServer((request, response) => response.end(JSON.stringify(whenceOf(request, trusted)))),
  )
  echo.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64')
    socket.on('error', () => {})
    socket.write(
      requestText({ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-accept': accept }, SWITCHING),
    )
  })
  const proxy = await ReverseProxy.start(name, (echo.address() as AddressInfo).port, authority)
  onTestFinished(async () => {
    await proxy.stop()
    echo.closeAllConnections()
    echo.close()
  })
  const options = { ca: authority.pem, localAddress: '127.0.0.9', family: 4, agent: false as const }
  return {
    ask: (path: string, headers: IncomingHttpHeaders) =>
      new Promise<Whence>((resolve, reject) => {
        get(`${proxy.url}${path}`, { ...options, headers }, (answer) => {
          text(answer).then((body) => resolve(JSON.parse(body) as Whence), reject)
        }).on('error', reject)
      }),
    /** Resolves when the proxy has ended a WebSocket on which nothing passes. */
    cut: () =>
      new Promise<void>((resolve, reject) => {
        const asked = get(`${proxy.url}/bus`, { ...options, headers: UPGRADE })
        asked.on('upgrade', (_, socket) =>
          socket
            .on('error', () => {})
            .on('close', () => resolve())
            .resume(),
        )
        asked.on('response', ({ statusCode }) => reject(new Error(`HTTP ${statusCode}`))).on('error', reject)
      }),
  }
}

beforeAll(() => {
  authority = new Authority(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const name of Object.keys(PROXIES) as ProxyName[]) {
  needsTool(name)(`behind ${name}`, { timeout: 120_000 }, () => {
    test('a WebSocket on which nothing passes is cut', async () => {
      const { cut } = await behind(name)
      await cut()
    })

    test('a client is what the proxy saw of it, whatever it says of itself', async () => {
      const { ask } = await behind(name)
      const seen = await ask('/ci/healthz', LIES)
      expect(seen).toMatchObject({ address: '127.0.0.9', secure: true, prefix: '/ci', proxied: true })
      expect(seen.host).toMatch(/^localhost:\d+$/)
      expect(await ask('/healthz', LIES)).toMatchObject({ address: '127.0.0.9', prefix: '' })
    })
  })
}
