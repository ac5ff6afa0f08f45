import { describe, expect, test } from 'vitest'
import { RawEnd } from '../../support/raw-end.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { BEGUN, spec } from '../support/house.ts'
import { exchange, requestText, serve, UPGRADE } from '../support/served.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('an upgrade', () => {
  test('with a known credential becomes the bus, marked and without compression', async () => {
    const { server, token } = await serve()
    const deflate = { 'sec-websocket-extensions': 'permessage-deflate' }
    const { status, headers } = await exchange(server, requestText({ ...UPGRADE, ...deflate, ...bearer(token) }))
    expect(status).toBe(101)
    expect(headers).toMatchObject({ 'sec-websocket-protocol': 'drumline.v1', drumline: '1' })
    expect(headers).not.toHaveProperty('sec-websocket-extensions')
  })

  test('names our subprotocol and never another that was offered', async () => {
    const { server, token } = await serve()
    const offered = { 'sec-websocket-protocol': `secret-${token}, drumline.v1` }
    const { headers } = await exchange(server, requestText({ ...UPGRADE, ...offered, ...bearer(token) }))
    expect(headers['sec-websocket-protocol']).toBe('drumline.v1')
  })

  test('is refused with its reason before it is one', async () => {
    const { server, token } = await serve()
    const good = { ...UPGRADE, ...bearer(token) }
    const { upgrade: _upgrade, ...none } = good
    const cases: [status: number, headers: Record<string, string>, line?: string][] = [
      [404, good, 'GET /bus/ HTTP/1.1'],
      [404, good, `GET /bus?token=${token} HTTP/1.1`],
      [404, good, 'GET / HTTP/1.1'],
      [400, { ...good, 'sec-websocket-protocol': 'drumline.v9' }],
      [400, { ...good, 'sec-websocket-key': 'short' }],
      [400, { ...good, 'sec-websocket-version': '7' }],
      [403, { ...good, origin: 'http://127.0.0.1' }],
      [403, { ...UPGRADE, origin: 'http://127.0.0.1' }],
      [426, none],
    ]
    for (const [status, headers, line] of cases) {
      const answer = await exchange(server, requestText({ ...headers, connection: 'close, upgrade' }, line))
      expect(answer.status, `${line} ${JSON.stringify(headers)}`).toBe(status)
      expect(answer.headers.drumline).toBe('1')
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: expect.any(String) } })
      expect(JSON.stringify(answer)).not.toContain(token)
    }
  })

  test('is refused alike for a missing, an unknown, a wrong and a revoked credential', async () => {
    const { server, token } = await serve()
    const operator = await RawEnd.open({ url: server.url, token })
    const made = await operator.call('token.create', { role: 'agent' })
    await operator.call('token.revoke', { id: made.id })
    await operator.close()
    const answers = []
    for (const headers of [
      {},
      bearer('nonsense'),
      bearer(`${token}x`),
      bearer(made.token),
      { authorization: 'Basic eA==' },
    ]) {
      answers.push(await exchange(server, requestText({ ...UPGRADE, ...headers })))
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  })

  test('is slowed down after many wrong credentials, while a good one still enters', async () => {
    const { server, token } = await serve()
    const statuses: number[] = []
    for (let at = 0; at < 62; at++) {
      const answer = await exchange(server, requestText({ ...UPGRADE, ...bearer(`guess-${at}`) }))
      statuses.push(answer.status)
      if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true)
    expect(statuses.slice(60)).toEqual([429, 429])
    expect((await exchange(server, requestText({ ...UPGRADE, ...bearer(token) }))).status).toBe(101)
  })
})

describe('the bus', () => {
  test('takes 4,000 lines in many frames and gives them back complete and in order', async () => {
    const { server, token } = await serve()
    const operator = await RawEnd.open({ url: server.url, token })
    const { token: secret } = await operator.call('token.create', { role: 'agent' })
    const agent = { name: 'raw', version: '1', platform: 'linux/amd64', backend: 'raw', capacity: 1, labels: {} }
    const end = await RawEnd.open({ url: server.url, token: secret, hello: { agent } })
    const { id, lease } = await running(operator, end)
    const all = Array.from({ length: 4000 }, (_, at) => `line ${at + 1}`)
    let limit = end.welcome.credit
    let sent = 0
    for (let from = 0; from < all.length; from += 100) {
      const text = `${all.slice(from, from + 100).join('\n')}\n`
      sent += text.length + 100 * 32
      const enough = () => {
        for (const frame of end.heard) if (frame.type === 'credit') limit = Math.max(limit, frame.limit)
        return sent <= limit
      }
      await waitUntil(enough, { what: 'credit' })
      end.send({ type: 'log', lease, stepId: 's1', from: from + 1, text, runs: [[100, 0, 'out']] })
    }
    await end.hears('stored', ({ upto }) => upto === 4000)
    expect(await readAll(operator, id)).toBe(`${all.join('\n')}\n`)
    await end.close()
    await operator.close()
  })
})

async function running(operator: RawEnd, end: RawEnd): Promise<{ id: string; lease: string }> {
  const { workflows } = await operator.call('submit', { workflows: [spec()], secrets: {} })
  const offer = await end.call('next', {})
  const lease = offer?.lease ?? ''
  await end.call('init', { lease, state: BEGUN })
  return { id: workflows[0]?.id ?? '', lease }
}

async function readAll(operator: RawEnd, id: string): Promise<string> {
  let text = ''
  for (let after: string | undefined; ; ) {
    const page = await operator.call('logs', { id, ...(after === undefined ? {} : { after }) })
    text += page.parts.map((part) => (part.kind === 'lines' ? part.text : '[gap]')).join('')
    if (!page.more || page.next === null) return text
    after = page.next
  }
}
