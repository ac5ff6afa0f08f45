import { describe, expect, test } from 'vitest'
import { METHODS, type MethodName, mayCall, ROLES, toShown, type WorkflowDetail } from '../../../src/protocol/index.ts'
import { tokenHash } from '../../../src/server/tokens.ts'
import { INFO } from '../support/client.ts'
import { spec } from '../support/house.ts'
import { Asker } from './asker.ts'
import { openFront, YAML } from './front.ts'

const many = (count: number) => Array.from({ length: count }, (_, at) => at)

describe('submitting', () => {
  test('takes a workflow file as it is and names what it made', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const response = await operator.fetch('POST', '/api/workflows?name=nightly.yaml', {
      body: YAML.replace('name: build\n', ''),
    })
    expect(response.status).toBe(201)
    const { workflows } = (await response.json()) as { workflows: { id: string; name: string }[] }
    expect(workflows).toEqual([{ id: expect.any(String), name: 'nightly' }])
    expect(await front.house.show(workflows[0]?.id ?? '')).toMatchObject({
      state: 'pending',
      labels: { pool: 'linux' },
    })
  })

  test('takes several files as JSON, with secrets, environment and labels', async () => {
    const front = await openFront()
    const files = [
      { name: 'a.yaml', text: `secrets: [KEY]\n${YAML}` },
      { name: 'b.yaml', text: YAML.replace('build', 'deploy').replace('steps', 'depends_on: build\nsteps') },
    ]
    const submission = { files, secrets: { KEY: 'hush' }, environment: { VERSION: '1' }, labels: { pool: 'arm' } }
    const agent = front.house.connect(await front.house.credential('agent'))
    await agent.arrive({ agent: { ...INFO, labels: { pool: 'arm' } } })
    const next = agent.call('next', {})
    const headers = { 'content-type': 'application/json' }
    await (await front.as('operator')).json('POST', '/api/workflows', { body: JSON.stringify(submission), headers })
    const offer = await next
    expect(offer?.workflow).toMatchObject({ name: 'build', environment: { VERSION: '1' }, labels: { pool: 'arm' } })
    const state = { started: 1, finished: 0, error: '', canceled: false }
    expect(await agent.call('init', { lease: offer?.lease ?? '', state })).toEqual({ secrets: { KEY: 'hush' } })
  })

  test('tells every mistake in a file at its place, and adds nothing', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const refused = await operator.refused('POST', '/api/workflows?name=ci.yaml', { body: 'steps:\n  - comands: x\n' })
    expect(refused).toMatchObject({ status: 400, code: 'bad_request' })
    expect(refused.details).toContainEqual({ file: 'ci.yaml', line: 2, column: 5, message: expect.any(String) })
    const unknown = await operator.refused('POST', '/api/workflows', { body: `depends_on: ghost\n${YAML}` })
    expect(unknown).toMatchObject({ status: 400, details: [{ line: 1, message: expect.stringContaining('ghost') }] })
    expect(await operator.json('GET', '/api/workflows')).toEqual({ workflows: [], next: null })
  })

  test('twice with one key adds once; the key for something else is a conflict', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const headers = { 'idempotency-key': 'push-17' }
    const first = await operator.json('POST', '/api/workflows', { body: YAML, headers })
    expect(await operator.json('POST', '/api/workflows', { body: YAML, headers })).toEqual(first)
    const other = await operator.refused('POST', '/api/workflows', { body: YAML.replace('make', 'rake'), headers })
    expect(other).toMatchObject({ status: 409, code: 'conflict' })
    expect((await operator.json<{ workflows: [] }>('GET', '/api/workflows')).workflows).toHaveLength(1)
  })

  test.each([
    ['no body', '', {}, 400],
    ['no YAML', '\u0000', {}, 400],
    ['JSON cut short', '{"files":', { 'content-type': 'application/json' }, 400],
    ['JSON of another shape', '{"file":1}', { 'content-type': 'application/json' }, 400],
    ['a forbidden key', '{"__proto__":{},"files":[]}', { 'content-type': 'application/json' }, 400],
    ['deep JSON', '['.repeat(50_000), { 'content-type': 'application/json' }, 400],
    ['a form', '--x', { 'content-type': 'multipart/form-data; boundary=x' }, 400],
    ['a large file', `#${'x'.repeat(1024 * 1024)}`, {}, 413],
    ['a large body', 'x'.repeat(5 * 1024 * 1024), { 'content-type': 'application/json' }, 413],
    ['a key that is too long', YAML, { 'idempotency-key': 'k'.repeat(65) }, 400],
  ])('refuses %s', async (_, body, headers, status) => {
    const front = await openFront()
    const refused = await (await front.as('operator')).refused('POST', '/api/workflows', { body, headers })
    expect(refused.status).toBe(status)
    expect(refused.message.length).toBeLessThan(300)
  })

  test('refuses what would not fit on the bus, however short the file', async () => {
    const front = await openFront()
    const steps = many(20).map((at) => `  - name: s${at}\n    commands: ${'x'.repeat(2000)}\n`)
    const text = `matrix:\n  A: [${many(20).join(', ')}]\nsteps:\n${steps.join('')}`
    const refused = await (await front.as('operator')).refused('POST', '/api/workflows', { body: text })
    expect(refused).toMatchObject({ status: 413, code: 'too_large' })
  })
})

describe('looking', () => {
  test('gives a workflow as the command line prints it', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const id = await front.house.submit()
    const { steps: _s, missing: _m, dependsOn: _d, ...row } = toShown(await front.house.show(id))
    expect(await viewer.json<WorkflowDetail>('GET', `/api/workflows/${id}`)).toEqual(
      toShown(await front.house.show(id)),
    )
    expect(await viewer.json('GET', '/api/workflows')).toEqual({ workflows: [row], next: null })
    expect(await viewer.json('GET', `/api/workflows/${id}/explain`)).toMatchObject({ reasons: [{ code: 'offline' }] })
    expect(await viewer.json('GET', '/api/queue')).toMatchObject({ pending: 1, paused: false })
  })

  test('pages through a list, filtered as asked, and meets each once', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const wanted: string[] = []
    for (const at of many(5)) {
      wanted.unshift(await front.house.submit({ labels: { pool: 'a=b', n: String(at) } }))
      await front.house.submit()
    }
    const met: string[] = []
    for (let before: string | null = ''; before !== null; ) {
      const query = `state=pending&state=running&label=pool%3Da%3Db&limit=2${before && `&before=${before}`}`
      const page: { workflows: { id: string }[]; next: string | null } = await viewer.json(
        'GET',
        `/api/workflows?${query}`,
      )
      met.push(...page.workflows.map(({ id }) => id))
      before = page.next
    }
    expect(met).toEqual(wanted)
    expect(await viewer.json('GET', '/api/workflows?state=success')).toEqual({ workflows: [], next: null })
  })

  test('a page of workflows with all the labels there may be is cut to what a message holds', async () => {
    const front = await openFront()
    const labels = Object.fromEntries(many(64).map((at) => [`label-${at}`, 'value']))
    await front.house.store.submit(
      many(200).map((at) => ({ id: `w${at}`, spec: spec({ labels }) })),
      {},
    )
    const operator = await front.house.operator()
    const met = new Set<string>()
    for (let before: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(before)
      expect(page.workflows.length).toBeGreaterThan(10)
      for (const { id } of page.workflows) met.add(id)
      before = page.next
      if (before === null) break
    }
    expect(met.size).toBe(200)

    function list(before: string | null) {
      return operator.call('list', { limit: 200, ...(before !== null && { before }) })
    }
  })

  test.each([
    '/api/workflows?limt=1',
    '/api/workflows?limit=0',
    '/api/workflows?limit=9999',
    '/api/workflows?limit=x',
    '/api/workflows?state=sleeping',
    '/api/workflows?label=pool',
    '/api/workflows?label=!!=1',
    '/api/workflows?before=x',
    '/api/workflows/%20/logs',
    '/api/agents?before=%00',
    '/api/workflows?limit=1&limit=2',
  ])('%s does not fit', async (path) => {
    const front = await openFront()
    expect(await (await front.as('viewer')).refused('GET', path)).toMatchObject({ status: 400, code: 'bad_request' })
  })
})

describe('changing', () => {
  test('cancels, with a reason or without, and says how it stands', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const [first, second] = [await front.house.submit(), await front.house.submit()]
    expect(await operator.json('POST', `/api/workflows/${first}/cancel`)).toEqual({ id: first, state: 'canceled' })
    await operator.json('POST', `/api/workflows/${second}/cancel`, { body: '{"reason":"wrong branch"}' })
    expect((await front.house.show(second)).cancel?.reason).toBe('wrong branch')
    expect(await operator.json('POST', `/api/workflows/${first}/cancel`)).toEqual({ id: first, state: 'canceled' })
    expect(await operator.json('POST', `/api/workflows/${first}/requeue`)).toMatchObject({
      id: first,
      state: 'pending',
    })
  })

  test('pauses the queue and lets it go on', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    expect(await operator.json('POST', '/api/queue/pause')).toEqual({ paused: true })
    expect(await operator.json('GET', '/api/queue')).toMatchObject({ paused: true })
    expect(await operator.json('POST', '/api/queue/resume')).toEqual({ paused: false })
    expect(await operator.json('GET', '/api/queue')).toMatchObject({ paused: false })
  })

  test('of a workflow whose secrets are erased is a conflict', async () => {
    const front = await openFront()
    const id = 'w'
    await front.house.store.submit([{ id, spec: spec({ secrets: ['KEY'] }) }], { KEY: 'hush' })
    const operator = await front.as('operator')
    await operator.json('POST', `/api/workflows/${id}/cancel`)
    expect(await operator.refused('POST', `/api/workflows/${id}/requeue`)).toMatchObject({
      status: 409,
      code: 'conflict',
    })
  })
})

/** Every route, and the method of the bus it stands for. */
const ROUTES: [method: string, path: string, of: MethodName, body?: string][] = [
  ['POST', '/api/workflows', 'submit', YAML],
  ['GET', '/api/workflows', 'list'],
  ['GET', '/api/workflows/none', 'get'],
  ['GET', '/api/workflows/none/logs', 'logs'],
  ['GET', '/api/workflows/none/explain', 'explain'],
  ['POST', '/api/workflows/none/cancel', 'cancel'],
  ['POST', '/api/workflows/none/requeue', 'requeue'],
  ['GET', '/api/agents', 'agents'],
  ['GET', '/api/queue', 'queue.info'],
  ['POST', '/api/queue/pause', 'queue.pause'],
  ['POST', '/api/queue/resume', 'queue.resume'],
]

describe('who may', () => {
  test.each(ROLES)('%s: what the table of methods says, and nothing else', async (role) => {
    const front = await openFront()
    const asker = await front.as(role)
    for (const [method, path, of, body] of ROUTES) {
      const { status } = await asker.fetch(method, path, body === undefined ? {} : { body })
      const allowed = mayCall(role, METHODS[of].role)
      expect([allowed ? 'in' : 403, path], `${role} ${method} ${path}`).toEqual([status === 403 ? 403 : 'in', path])
      if (allowed && path.includes('none')) expect(status).toBe(404)
    }
  })

  test('a missing, an unknown and a revoked credential are refused with the same words', async () => {
    const front = await openFront()
    const { store } = front.house
    const { id } = await store.createCredential({ role: 'viewer', name: 'v', labels: {}, tokenHash: tokenHash('gone') })
    await store.revokeCredential(id)
    const askers = [undefined, 'unknown', 'gone'].map((token) => new Asker(front.url, token))
    const answers = await Promise.all(askers.map((asker) => asker.fetch('GET', '/api/queue')))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(answers.every(({ headers }) => headers.get('www-authenticate') === 'Bearer')).toBe(true)
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
  })

  test('a request with an Origin is refused, whatever it bears', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const headers = { origin: front.url }
    expect(await operator.refused('POST', '/api/queue/pause', { headers })).toMatchObject({ status: 403 })
    expect((await front.house.store.queueInfo()).paused).toBe(false)
  })

  test('wrong credentials are slowed down, by either door, while a good one still enters', async () => {
    const front = await openFront()
    const guess = new Asker(front.url, 'guess')
    const statuses: number[] = []
    for (const _ of many(61)) statuses.push((await guess.fetch('GET', '/api/queue')).status)
    expect(new Set(statuses.slice(0, 60))).toEqual(new Set([401]))
    const refused = await guess.refused('GET', '/api/queue')
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await (await front.as('viewer')).fetch('GET', '/api/queue')).status).toBe(200)
  })
})

describe('a request', () => {
  test('while the server goes is told to come back', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    front.closed = 'the server is draining'
    const refused = await viewer.refused('GET', '/api/queue')
    expect(refused).toMatchObject({ status: 503, code: 'unavailable', message: 'the server is draining' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await viewer.fetch('GET', '/readyz')).status).toBe(503)
    expect((await viewer.fetch('GET', '/healthz')).status).toBe(200)
  })

  test('for what is not there, or by a method that is not, hears so', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    expect(await viewer.refused('GET', '/api/nothing')).toMatchObject({ status: 404, code: 'not_found' })
    expect(await viewer.refused('GET', '/nothing')).toMatchObject({ status: 404, code: 'not_found' })
    const refused = await viewer.refused('DELETE', '/api/workflows')
    expect(refused).toMatchObject({ status: 405, code: 'unknown_method' })
    expect(refused.headers.get('allow')).toBe('POST, GET, HEAD')
  })

  test('for the head alone gets the headers and no body', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const id = await front.house.submit()
    for (const path of ['/api/queue', `/api/workflows/${id}/logs?follow=1`, '/healthz']) {
      const response = await viewer.fetch('HEAD', path)
      expect([response.status, await response.text()], path).toEqual([200, ''])
      expect(response.headers.get('drumline')).toBe('1')
    }
  })
})
