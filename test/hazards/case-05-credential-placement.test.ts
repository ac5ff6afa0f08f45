import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { MESSAGE } from '../../src/protocol/index.ts'
import { type Front, openFront } from '../server/http/front.ts'
import { exchange, requestText, serve, UPGRADE } from '../server/support/served.ts'
import { Page } from '../support/page.ts'
import { waitUntil } from '../support/wait-until.ts'

const TOKEN = 'token-of-operator'

/** A page that is logged in, with its secret. */
async function loggedIn(front: Front): Promise<{ page: Page; cookie: string; secret: string }> {
  await front.as('operator')
  const page = new Page(front.url)
  await page.json('POST', '/api/login', { token: TOKEN })
  const [[name = '', secret = ''] = []] = page.cookies
  return { page, cookie: `${name}=${secret}`, secret }
}

const own = ({ port }: { port: number }) => ({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` })

test('case 5: a credential counts in its one place only, and is repeated nowhere', async () => {
  const front = await openFront()
  const { page, cookie, secret } = await loggedIn(front)
  const { ticket } = await page.json<{ ticket: string }>('POST', '/api/ticket')
  const offered = (name: string) => ({ ...UPGRADE, 'sec-websocket-protocol': `${name}, drumline.v1` })
  const host = { host: own(front).host }
  const bus = (query: string) => `GET /bus?${query} HTTP/1.1`
  const tries: [what: string, headers: Record<string, string>, line?: string][] = [
    ['token in the query', { ...UPGRADE, ...host }, bus(`token=${TOKEN}`)],
    [
      'token in the query of the API',
      { ...host, connection: 'close' },
      `GET /api/queue?access_token=${TOKEN} HTTP/1.1`,
    ],
    ['token in the path', { ...UPGRADE, ...host }, `GET /bus/${TOKEN} HTTP/1.1`],
    ['token as user and password', { ...UPGRADE, ...host, authorization: `Basic ${btoa(`x:${TOKEN}`)}` }],
    ['token as subprotocol', { ...offered(TOKEN), ...host }],
    ['token as bearer subprotocol', { ...offered(`base64url.bearer.${TOKEN}`), ...host }],
    ['token as the cookie', { ...UPGRADE, ...own(front), cookie: cookie.replace(secret, TOKEN) }],
    ['token as the cookie, without an Origin', { ...UPGRADE, ...host, cookie: cookie.replace(secret, TOKEN) }],
    ['cookie only', { ...UPGRADE, ...host, cookie }],
    ['cookie as a token', { ...UPGRADE, ...host, authorization: `Bearer ${secret}` }],
    ['cookie in the query', { ...UPGRADE, ...own(front) }, bus(cookie)],
    ['ticket in the query', { ...UPGRADE, ...own(front), cookie }, bus(`ticket=${ticket}`)],
    ['ticket as a token', { ...UPGRADE, ...host, authorization: `Bearer ${ticket}` }],
    ['ticket as the cookie', { ...UPGRADE, ...own(front), cookie: cookie.replace(secret, ticket) }],
    ['ticket as subprotocol, without a cookie', { ...offered(ticket), ...own(front) }],
  ]
  for (const [what, headers, line] of tries) {
    const answer = await exchange(front, requestText({ ...headers, connection: headers.connection ?? 'Upgrade' }, line))
    expect([400, 401, 403, 404], `${what}: ${answer.status}`).toContain(answer.status)
    for (const hidden of [TOKEN, secret, ticket]) expect(JSON.stringify(answer), what).not.toContain(hidden)
  }
})

test('case 5: a ticket beside a cookie that is good opens the socket, and only in hello the bus', async () => {
  const front = await openFront()
  const { page } = await loggedIn(front)
  const { ticket } = await page.json<{ ticket: string }>('POST', '/api/ticket')
  const socket = new page.WebSocket(`${front.url.replace('http', 'ws')}/bus`, 'drumline.v1')
  const heard: string[] = []
  socket.on('message', (data) => heard.push(String(data)))
  await waitUntil(() => socket.readyState === socket.OPEN, { what: 'the open socket', limitMs: 60_000 })
  const hello = { type: 'hello', versions: [1], features: [], boot: 'b', dial: 1, claims: [], ticket }
  socket.send(JSON.stringify(hello))
  await waitUntil(() => heard.length > 0, { what: 'the welcome', limitMs: 60_000 })
  expect(JSON.parse(heard[0] ?? '')).toMatchObject({ type: 'welcome', limits: { messageBytes: MESSAGE.browserBytes } })
  expect(heard.join()).not.toContain(ticket)
  let closed = 0
  socket.on('close', (code) => {
    closed = code
  })
  socket.send('x'.repeat(MESSAGE.browserBytes + 1))
  await waitUntil(() => closed > 0, { what: 'the close', limitMs: 60_000 })
  expect(closed).toBe(1009)
})

test('case 5: no secret stands in a log, in an error or in the database, but its hash', async () => {
  const said: string[] = []
  const note = (fields: object, message: string) =>
    void said.push(
      message,
      JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value.stack) : value)),
    )
  const { server, token } = await serve({ log: { info: note, warn: note, error: note } })
  const page = new Page(server.url)
  const link = await server.loginLink()
  const [, code = ''] = /#code=(.+)$/.exec(link) ?? []
  expect(link).toBe(`${server.url}/#code=${code}`)
  await page.json('POST', '/api/login', { code })
  const { ticket } = await page.json<{ ticket: string }>('POST', '/api/ticket')
  const [secret = ''] = page.cookies.values()
  const answers = [
    await page.ask('POST', '/api/login', { code, token }),
    await page.ask('POST', '/api/login', { code }),
    await page.ask('POST', '/api/ticket', { ticket, secret }),
    await page.ask('GET', `/api/queue?ticket=${ticket}&token=${token}`),
    await page.ask('GET', '/api/me'),
  ]
  const texts = await Promise.all(answers.map(async (answer) => `${[...answer.headers]} ${await answer.text()}`))
  const folder = dirname(server.adminTokenFile)
  const files = (await readdir(folder)).filter((name) => /^drumline\.db(-wal)?$/.test(name))
  const stored = (await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))).join('')
  expect(stored.includes('CREATE TABLE login')).toBe(true)
  for (const hidden of [token, code, secret, ticket]) {
    expect(stored.includes(hidden)).toBe(false)
    expect(said.join('\n')).not.toContain(hidden)
    expect(texts.join('\n')).not.toContain(hidden)
  }
})
