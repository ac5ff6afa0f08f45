import { describe, expect, test } from 'vitest'
import { METHODS, type MethodName, mayCall, ROLES } from '../../../src/protocol/index.ts'
import { tokenHash } from '../../../src/server/tokens.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { Asker } from './asker.ts'
import { many, openFront, YAML } from './front.ts'

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
  ['GET', '/api/audit', 'audit'],
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
    const wrong = 'Bearer error="invalid_token"'
    expect(answers.map(({ headers }) => headers.get('www-authenticate'))).toEqual(['Bearer', wrong, wrong])
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
    for (const _ of many(60)) statuses.push((await guess.fetch('GET', '/api/queue')).status)
    expect(new Set(statuses)).toEqual(new Set([401]))
    const before = front.house.clock.pending
    const answer = guess.refused('GET', '/api/queue')
    await waitUntil(() => front.house.clock.pending > before, { what: 'the answer that is kept back' })
    await front.house.clock.advance(1_000)
    const refused = await answer
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await (await front.as('viewer')).fetch('GET', '/api/queue')).status).toBe(200)
  })
})
