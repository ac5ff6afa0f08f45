import { describe, expect, test } from 'vitest'
import { type Front, openFront } from '../server/http/front.ts'
import { type Answer, exchange, requestText, UPGRADE } from '../server/support/served.ts'
import { Page } from '../support/page.ts'

const OURS = 'https://ci.example.com'
const HOST = { host: 'ci.example.com' }

/** What else a request may say of where it comes from. */
const STRANGE: [what: string, origin: string][] = [
  ['other port', 'https://ci.example.com:8443'],
  ['other scheme', 'http://ci.example.com'],
  ['sibling subdomain', 'https://evil.example.com'],
  ['parent domain', 'https://example.com'],
  ['null', 'null'],
  ['empty', ''],
  ['suffix trick', 'https://ci.example.com.evil.example'],
  ['prefix trick', 'https://evil-ci.example.com'],
  ['user trick', 'https://ci.example.com@evil.example'],
  ['case', 'https://CI.example.com'],
  ['a path', 'https://ci.example.com/'],
  ['two', 'https://ci.example.com, https://ci.example.com'],
]

type Cookie = { cookie: string }

/** A front whose one origin is OURS, with a login and a token. */
async function begin(): Promise<{ front: Front; cookie: Cookie; bearer: { authorization: string } }> {
  const front = await openFront({ origins: [OURS] })
  await front.as('operator')
  const headers = { origin: OURS, 'content-type': 'application/json', ...HOST }
  const answer = await send(front, 'POST /api/login', headers, JSON.stringify({ token: 'token-of-operator' }))
  const [, cookie = ''] = /^([^;]+);/.exec(answer.headers['set-cookie'] ?? '') ?? []
  return { front, cookie: { cookie }, bearer: { authorization: 'Bearer token-of-operator' } }
}

function send(front: Front, line: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  const whole = { ...headers, connection: 'close', 'content-length': String(body.length) }
  return exchange(front, `${requestText(whole, `${line} HTTP/1.1`)}${body}`)
}

const upgrade = (front: Front, headers: object) => exchange(front, requestText({ ...UPGRADE, ...HOST, ...headers }))

const pause = (front: Front, headers: object) =>
  send(front, 'POST /api/queue/pause', { ...HOST, 'content-type': 'application/json', ...headers })

const paused = async ({ house }: Front) => (await house.store.queueInfo()).paused

describe('case 4: the Origin decides who is a page and who a machine', () => {
  test('absent: a machine with its token enters, a page’s cookie does not', async () => {
    const { front, cookie, bearer } = await begin()
    expect((await upgrade(front, bearer)).status).toBe(101)
    expect((await upgrade(front, cookie)).status).toBe(401)
    expect((await upgrade(front, {})).status).toBe(401)
    expect((await pause(front, cookie)).status).toBe(403)
    expect((await pause(front, {})).status).toBe(401)
    expect(await paused(front)).toBe(false)
    expect((await pause(front, bearer)).status).toBe(200)
  })

  test('exact: a page with its cookie enters, a machine’s token does not', async () => {
    const { front, cookie, bearer } = await begin()
    const origin = { origin: OURS }
    expect((await upgrade(front, { ...origin, ...bearer })).status).toBe(403)
    expect((await upgrade(front, { ...origin, ...bearer, ...cookie })).status).toBe(403)
    expect((await upgrade(front, origin)).status).toBe(401)
    expect((await upgrade(front, { ...origin, ...cookie })).status).toBe(101)
    expect((await pause(front, { ...origin, ...bearer })).status).toBe(403)
    expect((await pause(front, { ...origin, ...bearer, ...cookie })).status).toBe(403)
    expect((await pause(front, origin)).status).toBe(401)
    expect(await paused(front)).toBe(false)
    expect((await pause(front, { ...origin, ...cookie })).status).toBe(200)
  })

  test.each(STRANGE)('%s: nobody enters by either door', async (_, origin) => {
    const { front, cookie, bearer } = await begin()
    for (const shown of [cookie, bearer, {}]) {
      expect((await upgrade(front, { origin, ...shown })).status).toBe(403)
      expect((await pause(front, { origin, ...shown })).status).toBe(403)
    }
    const login = { ...HOST, 'content-type': 'application/json', origin }
    const body = JSON.stringify({ token: 'token-of-operator' })
    expect((await send(front, 'POST /api/login', login, body)).status).toBe(403)
    expect(await paused(front)).toBe(false)
  })

  test('a name that was made to point here has no page of ours, whatever its Origin', async () => {
    const { front, cookie } = await begin()
    for (const host of ['evil.example', 'evil.example:7800', 'ci.example.com:8443', 'ci.example.com.']) {
      expect((await pause(front, { host, origin: OURS, ...cookie })).status).toBe(403)
      expect((await send(front, 'GET /api/queue', { host, ...cookie })).status).not.toBe(200)
      expect((await upgrade(front, { host, origin: OURS, ...cookie })).status).toBe(403)
    }
    expect((await send(front, 'GET /api/queue', { host: 'evil.example', ...cookie })).status).toBe(403)
    expect((await send(front, 'GET /api/queue', { host: 'CI.Example.com', ...cookie })).status).toBe(200)
  })
})

describe('case 4: without a named origin', () => {
  test('a loopback address is one, by each of its names and at its own port only', async () => {
    const front = await openFront()
    await front.as('viewer')
    const statusOf = async (origin: string) => {
      const headers = { host: new URL(origin).host, origin, 'content-type': 'application/json' }
      return (await send(front, 'POST /api/login', headers, JSON.stringify({ token: 'token-of-viewer' }))).status
    }
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(await statusOf(`http://${name}:${front.port}`)).toBe(200)
      expect(await statusOf(`https://${name}:${front.port}`)).toBe(403)
      expect(await statusOf(`http://${name}:${front.port - 1}`)).toBe(403)
      expect(await statusOf(`http://${name}`)).toBe(403)
    }
    expect(await statusOf(`http://rebound.example:${front.port}`)).toBe(403)
  })

  test('behind a trusted proxy it is the name that was asked for, by TLS only', async () => {
    const front = await openFront({ trustProxy: ['loopback'] })
    await front.as('viewer')
    const statusOf = async (origin: string, forwarded: Record<string, string>) => {
      const headers = { host: `127.0.0.1:${front.port}`, origin, 'content-type': 'application/json', ...forwarded }
      return (await send(front, 'POST /api/login', headers, JSON.stringify({ token: 'token-of-viewer' }))).status
    }
    const client = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'ci.example.com' }
    expect(await statusOf(OURS, { ...client, 'x-forwarded-proto': 'https' })).toBe(200)
    expect(await statusOf('https://evil.example.com', { ...client, 'x-forwarded-proto': 'https' })).toBe(403)
    expect(await statusOf('http://ci.example.com', { ...client, 'x-forwarded-proto': 'http' })).toBe(403)
    expect(await statusOf(`http://127.0.0.1:${front.port}`, client)).toBe(403)
  })

  test('and without a trusted proxy nobody’s word counts', async () => {
    const front = await openFront()
    await front.as('viewer')
    const said = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'ci.example.com',
      'x-forwarded-for': '203.0.113.7',
    }
    const headers = { host: `127.0.0.1:${front.port}`, origin: OURS, 'content-type': 'application/json', ...said }
    const body = JSON.stringify({ token: 'token-of-viewer' })
    expect((await send(front, 'POST /api/login', headers, body)).status).toBe(403)
  })
})

describe('case 4: a page that only reads', () => {
  test('needs no Origin, as browsers send none, but must not be of another site', async () => {
    const front = await openFront()
    await front.as('viewer')
    const page = new Page(front.url)
    await page.json('POST', '/api/login', { token: 'token-of-viewer' })
    const cookie = [...page.cookies].map((pair) => pair.join('=')).join('; ')
    const read = async (headers: Record<string, string>) => {
      const host = `127.0.0.1:${front.port}`
      return (await send(front, 'GET /api/queue', { host, cookie, ...headers })).status
    }
    expect(await read({})).toBe(200)
    for (const site of ['same-origin', 'none']) expect(await read({ 'sec-fetch-site': site })).toBe(200)
    for (const site of ['cross-site', 'same-site']) expect(await read({ 'sec-fetch-site': site })).toBe(403)
    expect(await read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(403)
  })

  test('of no origin is told in headers that it may', async () => {
    const front = await openFront()
    const page = new Page(front.url)
    const stranger = new Page('https://evil.example')
    const answers = [
      await page.ask('GET', '/api/me'),
      await page.ask('POST', '/api/login', { token: 'no' }),
      await stranger.fetch(`${front.url}/api/queue`, { method: 'OPTIONS' }),
      await stranger.fetch(`${front.url}/api/me`),
      await stranger.fetch(`${front.url}/healthz`),
    ]
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })
})

test.each(['ci.example.com', 'https://ci.example.com/ci', 'ftp://ci.example.com', '*', ''])(
  '%j is no origin that a server could name',
  async (origin) => {
    await expect(openFront({ origins: [origin] })).rejects.toMatchObject({ code: 'bad_option' })
  },
)
