import { describe, expect, test } from 'vitest'
import { RawEnd } from '../support/raw-end.ts'
import { readExposition } from './support/exposition.ts'
import { exchange, requestText, serve, UPGRADE } from './support/served.ts'

const GET = 'GET /metrics HTTP/1.1'
const LOCAL = { host: 'localhost', connection: 'close' }

async function ask(headers: Record<string, string> = {}) {
  const { server } = await serve()
  return exchange(server, requestText({ ...LOCAL, ...headers }, GET))
}

describe('/metrics', () => {
  test('is read on the own machine without a credential, in the format of Prometheus', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(readExposition(bodyOf(answer)).size).toBeGreaterThan(30)
  })

  test.each([
    ['passed on by a proxy', { 'x-forwarded-for': '127.0.0.1' }, 401],
    ['passed on by a proxy that says so in the newer way', { forwarded: 'for=127.0.0.1' }, 401],
    ['passed on by a proxy that only says that it did', { via: '1.1 front' }, 401],
    ['asked under a foreign name, as a page with a rebound one does', { host: 'ci.example.com' }, 401],
    ['asked by a page', { origin: 'http://localhost' }, 403],
    ['asked with a wrong credential', { authorization: 'Bearer nonsense' }, 401],
  ])('needs a credential when %s', async (_, headers, status) => {
    expect((await ask(headers)).status).toBe(status)
  })

  test('needs a credential from this machine too where a proxy on it is trusted, which may add nothing', async () => {
    const { server } = await serve({ trustProxy: ['loopback'] })
    expect((await exchange(server, requestText(LOCAL, GET))).status).toBe(401)
  })

  test('is for whoever may read, and not for an agent', async () => {
    const { server, token } = await serve()
    const admin = await RawEnd.open({ url: server.url, token })
    const statuses: Record<string, number> = {}
    for (const role of ['operator', 'viewer', 'agent'] as const) {
      const { token: given } = await admin.call('token.create', { role })
      const headers = { ...LOCAL, host: 'ci.example.com', authorization: `Bearer ${given}` }
      statuses[role] = (await exchange(server, requestText(headers, GET))).status
    }
    await admin.close()
    expect(statuses).toEqual({ operator: 200, viewer: 200, agent: 403 })
  })

  test('counts whom the door turned away, from the bus and from the API', async () => {
    const { server } = await serve()
    await exchange(server, requestText(UPGRADE))
    await exchange(server, requestText({ ...UPGRADE, origin: 'http://evil.example' }))
    await exchange(server, requestText(LOCAL, 'GET /api/queue HTTP/1.1'))
    const body = bodyOf(await exchange(server, requestText(LOCAL, GET)))
    const { samples = [] } = readExposition(body).get('drumline_refusals_total') ?? {}
    const counted = samples.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.reason, value])
    expect(counted).toEqual([
      ['origin', 1],
      ['credential', 2],
    ])
  })
})

/** Without the sizes of its chunks, if it came in such. */
function bodyOf({ headers, body }: { headers: Record<string, string>; body: string }): string {
  if (headers['transfer-encoding'] !== 'chunked') return body
  return body.replace(/(^|\r\n)[0-9a-f]+\r\n/gi, '')
}
