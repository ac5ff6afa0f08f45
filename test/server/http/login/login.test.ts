import { describe, expect, test } from 'vitest'
import { LOGIN } from '../../../../src/protocol/index.ts'
import { ITSELF } from '../../../../src/server/store/audit.ts'
import { tokenHash } from '../../../../src/server/tokens.ts'
import { Page } from '../../../support/page.ts'
import { waitUntil } from '../../../support/wait-until.ts'
import { serve } from '../../support/served.ts'
import { type Front, many, openFront } from '../front.ts'

interface Me {
  role: string
  name: string
  login: { created: number; expires: number } | null
}

const TOKEN = { token: 'token-of-operator' }

/** A page that is logged in as an operator. */
async function loggedIn(front: Front, cookies?: Map<string, string>): Promise<Page> {
  await front.as('operator')
  const page = new Page(front.url, cookies)
  await page.json('POST', '/api/login', TOKEN)
  return page
}

describe('a page', () => {
  test('logs in with a token, may do what that may, and logs out', async () => {
    const front = await openFront()
    const page = await loggedIn(front)
    const now = front.house.clock.now()
    const login = { created: now, expires: now + LOGIN.idleMs }
    expect(await page.json<Me>('GET', '/api/me')).toMatchObject({ role: 'operator', name: 'operator', login })
    expect(await page.json('POST', '/api/queue/pause')).toEqual({ paused: true })
    await page.json('POST', '/api/logout')
    expect(page.cookies.size).toBe(0)
    expect((await page.ask('GET', '/api/me')).status).toBe(401)
  })

  test('cannot go on with the cookie of a login that it has ended', async () => {
    const front = await openFront()
    const page = await loggedIn(front)
    const [[name = '', value = ''] = []] = page.cookies
    await page.json('POST', '/api/logout')
    page.cookies.set(name, value)
    for (const [method, path] of [
      ['GET', '/api/queue'],
      ['POST', '/api/queue/pause'],
      ['POST', '/api/ticket'],
    ] as const) {
      expect((await page.ask(method, path)).status).toBe(401)
    }
  })

  test('gets a cookie that no script and no other site has, and the server keeps but its hash', async () => {
    const front = await openFront()
    const page = await loggedIn(front)
    const [line = ''] = page.given
    expect(line).toMatch(/^drumline-\d+=drs_[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/)
    const [value = ''] = page.cookies.values()
    expect(await front.house.store.findLogin(value)).toBeNull()
    expect(await front.house.store.findLogin(tokenHash(value))).not.toBeNull()
  })

  test('behind a proxy with TLS gets one that is this host’s alone, and below a prefix one for that', async () => {
    const front = await openFront({ trustProxy: ['loopback'] })
    await front.as('operator')
    const given = async (prefix: string) => {
      const headers = {
        origin: 'https://ci.example.com',
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.7',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'ci.example.com',
        'x-forwarded-prefix': prefix,
      }
      const body = JSON.stringify(TOKEN)
      const response = await fetch(`${front.url}/api/login`, { method: 'POST', headers, body })
      return response.headers.get('set-cookie')
    }
    expect(await given('')).toMatch(/^__Host-drumline=[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/)
    expect(await given('/ci')).toMatch(/^drumline=[\w-]+; Path=\/ci; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/)
  })

  test('logs in with a code, once', async () => {
    const front = await openFront()
    const { id } = await front.house.credential('viewer', 'screen')
    const { code } = await front.house.core.logins.code(id, ITSELF)
    const page = new Page(front.url)
    expect(await page.json<Me>('POST', '/api/login', { code })).toMatchObject({ role: 'viewer', name: 'screen' })
    expect((await new Page(front.url).ask('POST', '/api/login', { code })).status).toBe(401)
    expect((await page.ask('POST', '/api/queue/pause')).status).toBe(403)
  })

  test('that logs in anew leaves no login behind', async () => {
    const front = await openFront()
    const page = await loggedIn(front)
    const [before = ''] = page.cookies.values()
    await page.json('POST', '/api/login', TOKEN)
    expect(await front.house.store.findLogin(tokenHash(before))).toBeNull()
    expect((await page.ask('GET', '/api/me')).status).toBe(200)
  })

  test('is logged out twelve hours after it last asked, and seven days after it logged in', async () => {
    const front = await openFront()
    const { clock } = front.house
    const page = await loggedIn(front)
    clock.jump(LOGIN.idleMs - 1)
    expect((await page.ask('GET', '/api/me')).status).toBe(200)
    clock.jump(LOGIN.idleMs)
    expect((await page.ask('GET', '/api/me')).status).toBe(401)
    await page.json('POST', '/api/login', TOKEN)
    for (const _ of many(27)) {
      clock.jump(LOGIN.maxMs / 28)
      expect((await page.ask('GET', '/api/me')).status).toBe(200)
    }
    clock.jump(LOGIN.maxMs / 28)
    expect((await page.ask('GET', '/api/me')).status).toBe(401)
  })

  test('is logged out when its credential is revoked', async () => {
    const front = await openFront()
    const { store } = front.house
    const page = await loggedIn(front)
    const operator = await store.namedCredential('operator', 'operator')
    await store.revokeCredential(operator?.id ?? '')
    expect((await page.ask('GET', '/api/me')).status).toBe(401)
  })

  test('is still logged in after the server was started again', async () => {
    const first = await serve()
    const { adminTokenFile, port } = first.server
    const page = new Page(first.server.url)
    await page.json('POST', '/api/login', { token: first.token })
    await first.server.close()
    await serve({ data: adminTokenFile.replace(/\/[^/]+$/, ''), port })
    expect(await page.json<Me>('GET', '/api/me')).toMatchObject({ role: 'admin' })
  })
})

test('logins, logouts and codes stand in the audit trail', async () => {
  const front = await openFront()
  const page = await loggedIn(front)
  await page.json('POST', '/api/logout')
  const { id } = await front.house.credential('viewer', 'screen')
  await front.house.core.logins.code(id, ITSELF)
  const { entries } = await front.house.store.audit({ limit: 3 })
  expect(entries.map(({ name, action, address, outcome }) => [name, action, address, outcome])).toEqual([
    ['server', 'login.code', '', 'ok'],
    ['operator', 'logout', '127.0.0.1', 'ok'],
    ['operator', 'login', '127.0.0.1', 'ok'],
  ])
})

describe('nobody logs in', () => {
  test.each([
    ['with a token that is not known', { token: 'wrong' }],
    ['with an agent’s', { token: 'token-of-agent' }],
    ['with a code that is none', { code: 'wrong' }],
    ['with a token as a code', { code: 'token-of-operator' }],
  ])('%s: all are refused with the same words', async (_, proof) => {
    const front = await openFront()
    for (const role of ['operator', 'agent'] as const) await front.as(role)
    const page = new Page(front.url)
    const response = await page.ask('POST', '/api/login', proof)
    expect(response.status).toBe(401)
    const { error } = (await response.json()) as { error: object }
    expect(error).toEqual({ code: 'forbidden', message: 'the credential is not known' })
    expect(page.given).toEqual([])
  })

  test.each([
    ['nothing', undefined],
    ['both', { token: 'a', code: 'b' }],
    ['a field too many', { token: 'a', more: 1 }],
    ['a token with a space', { token: 'a b' }],
    ['more than it takes', { token: 'a'.repeat(5_000) }],
  ])('with %s', async (what, proof) => {
    const page = new Page((await openFront()).url)
    expect((await page.ask('POST', '/api/login', proof)).status).toBe(what.startsWith('more') ? 413 : 400)
  })

  test('by trying one after the other: an address is slowed down, whichever way it tries', async () => {
    const front = await openFront()
    const page = new Page(front.url)
    for (const at of many(60)) {
      const { status } = await page.ask('POST', '/api/login', at % 2 === 0 ? { token: `t${at}` } : { code: `c${at}` })
      expect(status).toBe(401)
    }
    const { clock } = front.house
    const before = clock.pending
    const answer = page.ask('POST', '/api/login', { token: 'one-more' })
    await waitUntil(() => clock.pending > before, { what: 'the answer that is kept back', limitMs: 60_000 })
    await clock.advance(1_000)
    const slowed = await answer
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    await loggedIn(front)
  })

  test('without a browser, and a machine gets no ticket', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const headers = { 'content-type': 'application/json' }
    for (const path of ['/api/login', '/api/logout', '/api/ticket']) {
      const body = JSON.stringify(TOKEN)
      expect(await operator.refused('POST', path, { body, headers })).toMatchObject({ status: 403 })
    }
    expect(await operator.json<Me>('GET', '/api/me')).toMatchObject({ role: 'operator', login: null })
  })
})
