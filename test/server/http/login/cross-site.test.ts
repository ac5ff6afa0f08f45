import { expect, test } from 'vitest'
import { Page } from '../../../support/page.ts'
import { type Front, openFront, YAML } from '../front.ts'

type Paths = Record<string, Record<string, { operationId: string }>>

/** What changes something, as the server's own document lists it: a route that is added is tried by itself. */
async function changing(front: Front): Promise<[method: string, path: string][]> {
  const { paths } = await (await front.as('agent')).json<{ paths: Paths }>('GET', '/api/openapi.json')
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method !== 'get')
      .map((method): [string, string] => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none')]),
  )
}

/** What a page of another site can make a browser send, and what a careless one of our own would. */
const TRIES: [what: string, status: number, headers: Record<string, string>][] = [
  ['a script of another site', 403, { origin: 'https://evil.example', 'content-type': 'application/json' }],
  ['a script of another port', 403, { origin: 'http://127.0.0.1:1', 'content-type': 'application/json' }],
  ['a form of another site', 403, { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form that says no Origin', 403, { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' }],
  ['JSON without an Origin', 403, { 'content-type': 'application/json' }],
]
const OWN: [what: string, headers: Record<string, string>][] = [
  ['a form of its own', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form with files', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a simple request', { 'content-type': 'text/plain' }],
  ['a type that only begins like JSON', { 'content-type': 'application/json-seq' }],
  ['no type at all', {}],
]

test('no route that changes something can be reached by a page of another site, or by a form', async () => {
  const front = await openFront()
  await front.as('admin')
  const page = new Page(front.url)
  await page.json('POST', '/api/login', { token: 'token-of-admin' })
  const cookie = [...page.cookies].map((pair) => pair.join('=')).join('; ')
  const routes = await changing(front)
  const ours = OWN.map(([what, headers]) => [what, 400, { ...headers, origin: front.url }] as const)
  for (const [method, path] of routes) {
    for (const [what, status, headers] of [...TRIES, ...ours]) {
      const body = path === '/api/login' ? '{"token":"token-of-admin"}' : YAML
      const answer = await fetch(`${front.url}${path}`, { method, headers: { ...headers, cookie }, body })
      expect([answer.status, answer.headers.get('set-cookie')], `${what}: ${method} ${path}`).toEqual([status, null])
    }
  }
  expect(routes.map(([, path]) => path)).toEqual(
    expect.arrayContaining(['/api/login', '/api/logout', '/api/ticket', '/api/workflows', '/api/queue/pause']),
  )
  const { store } = front.house
  expect(await store.list({ limit: 10 })).toMatchObject({ workflows: [] })
  expect(await store.queueInfo()).toMatchObject({ paused: false })
  expect((await page.ask('GET', '/api/me')).status).toBe(200)
})

const TAKE_FILES: ReadonlySet<string> = new Set(['/api/workflows', '/api/workflows/check'])

test('the same page reaches all of them', async () => {
  const front = await openFront()
  await front.as('admin')
  for (const [method, path] of await changing(front)) {
    const page = new Page(front.url)
    await page.json('POST', '/api/login', { token: 'token-of-admin' })
    const body = TAKE_FILES.has(path) ? { files: [{ name: 'a.yaml', text: YAML }] } : undefined
    const { status } = await page.ask(method, path, path === '/api/login' ? { token: 'token-of-admin' } : body)
    expect([200, 201, 404], `${method} ${path}: ${status}`).toContain(status)
  }
})

test('what a page of another site may not send, it may not announce either', async () => {
  const front = await openFront()
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
  for (const [, path] of await changing(front)) {
    const headers = { origin: 'https://evil.example', ...asked }
    const answer = await fetch(`${front.url}${path}`, { method: 'OPTIONS', headers })
    expect(answer.status).toBe(403)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})
