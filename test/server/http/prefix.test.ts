import { describe, expect, test } from 'vitest'
import { exchange, requestText, serve, UPGRADE } from '../support/served.ts'

const CI = { 'x-forwarded-prefix': '/ci', 'x-forwarded-for': '198.51.100.7' }

async function served() {
  const { server, token } = await serve({ trustProxy: ['loopback'] })
  return async (path: string, more: Record<string, string>) => {
    const bearer = { authorization: `Bearer ${token}` }
    return (await exchange(server, requestText({ ...bearer, ...more }, `GET ${path} HTTP/1.1`))).status
  }
}

describe('behind a proxy under a prefix', () => {
  test.each([
    ['the proxy takes away', ''],
    ['reaches the server', '/ci'],
  ])('that %s, the bus, the API and the probes are where they belong', async (_, kept) => {
    const ask = await served()
    expect(await ask(`${kept}/bus`, { ...UPGRADE, ...CI })).toBe(101)
    for (const path of ['/api/queue', '/api/workflows?limit=1', '/readyz']) {
      expect([path, await ask(`${kept}${path}`, { host: 'ci', connection: 'close', ...CI })]).toEqual([path, 200])
    }
  })

  test('the dashboard is at the prefix, whose slash may be left out', async () => {
    const ask = await served()
    const of = (path: string) => ask(path, { host: 'ci', connection: 'close', ...CI })
    expect([await of('/ci'), await of('/ci/'), await of('/')]).toEqual([308, 200, 200])
  })

  test('another path is not found', async () => {
    const ask = await served()
    expect(await ask('/elsewhere/bus', { ...UPGRADE, ...CI })).toBe(404)
    expect(await ask('/ci/bus', UPGRADE)).toBe(404)
  })
})
