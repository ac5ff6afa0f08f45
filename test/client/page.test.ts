import { describe, expect, test } from 'vitest'
import { type Client, dialPage, logIn, logOut, type Page as PageOf, whoAmI } from '../../src/client/index.ts'
import { AlivePort } from '../../src/client/page/alive.ts'
import { LIVENESS } from '../../src/protocol/index.ts'
import { type Front, openFront } from '../server/http/front.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { Page } from '../support/page.ts'
import { pair } from '../support/pair.ts'
import { waitUntil } from '../support/wait-until.ts'

const OPERATOR = { token: 'token-of-operator' }

/** A server, and a page of it as our client sees one. */
async function begin(): Promise<{ front: Front; page: PageOf; browser: Page }> {
  const front = await openFront()
  await front.as('operator')
  const browser = new Page(front.url)
  return { front, browser, page: { url: `${front.url}/`, fetch: browser.fetch, WebSocket: browser.WebSocket } }
}

describe('a page', () => {
  test('logs in, connects, watches and asks, and logs out everywhere', async () => {
    const { front, page } = await begin()
    expect(await whoAmI(page)).toBeNull()
    expect(await logIn(page, OPERATOR)).toMatchObject({ role: 'operator' })
    const tabs = [await dialPage(page), await dialPage(page)] as const
    const seen: boolean[] = []
    await tabs[0].subscribe('queue', { onData: (data) => void (data.kind === 'queue' && seen.push(data.queue.paused)) })
    await tabs[1].call('queue.pause', {})
    await front.house.clock.advance(5_000)
    await waitUntil(() => seen.at(-1) === true, { what: 'the paused queue', limitMs: 60_000 })
    expect(await whoAmI(page)).toMatchObject({ name: 'operator', login: { expires: expect.any(Number) } })
    await logOut(page)
    for (const tab of tabs) expect(await tab.closed).toMatchObject({ code: 4004 })
    await expect(tabs[0].call('queue.info', {})).rejects.toMatchObject({ code: 'forbidden', retry: 'reauth' })
    expect(await whoAmI(page)).toBeNull()
    await logOut(page)
  })

  test('is told when a token, a code or nobody’s login is no good', async () => {
    const { page } = await begin()
    for (const proof of [{ token: 'wrong' }, { code: 'wrong' }]) {
      await expect(logIn(page, proof)).rejects.toMatchObject({ code: 'forbidden', retry: 'reauth' })
    }
    await expect(dialPage(page)).rejects.toMatchObject({ code: 'forbidden', retry: 'reauth' })
  })

  test('of another site gets nothing, and does not try again', async () => {
    const { front, browser } = await begin()
    await browser.json('POST', '/api/login', OPERATOR)
    const evil = new Page('https://evil.example', browser.cookies)
    const page = { url: front.url, fetch: evil.fetch, WebSocket: evil.WebSocket }
    await expect(logIn(page, OPERATOR)).rejects.toMatchObject({ code: 'forbidden', retry: 'never' })
    await expect(dialPage(page)).rejects.toMatchObject({ code: 'forbidden', retry: 'never' })
    const socket = new evil.WebSocket(`${front.url.replace('http', 'ws')}/bus`, 'drumline.v1')
    const why = new Promise<string>((resolve) => socket.on('error', (error) => resolve(error.message)))
    expect(await why).toContain('403')
    expect((await front.house.store.queueInfo()).paused).toBe(false)
  })

  test('comes back by a new ticket after its connection was lost, and its subscription with it', async () => {
    const { front, page } = await begin()
    await logIn(page, OPERATOR)
    const client: Client = await dialPage(page)
    let resumed = 0
    await client.subscribe('queue', { onData: () => {}, onResumed: () => void resumed++ })
    for (const connection of front.house.core.connections.all()) connection.dismiss(1012, 'cut')
    await waitUntil(() => resumed === 1, { what: 'the subscription', limitMs: 50_000 })
    client.close()
    expect(await client.closed).toMatchObject({ code: 1000 })
  })

  test('below a prefix, or without a slash, knows its addresses; elsewhere than by http it has none', async () => {
    const asked: string[] = []
    const fetch: NonNullable<PageOf['fetch']> = async (url) => {
      asked.push(url)
      throw new Error('no network')
    }
    for (const url of ['https://example.com/ci', 'https://example.com/ci/', 'http://127.0.0.1:7800/#code=x']) {
      await expect(whoAmI({ url, fetch })).rejects.toMatchObject({ code: 'unavailable' })
    }
    expect(asked).toEqual([
      'https://example.com/ci/api/me',
      'https://example.com/ci/api/me',
      'http://127.0.0.1:7800/api/me',
    ])
    await expect(whoAmI({ url: 'file:///index.html', fetch })).rejects.toThrow('file:// is not http or https')
  })

  test('waits through a proxy’s answers, and as long as the server asks it to', async () => {
    const clock = new FakeClock()
    const answers = [
      { status: 502, headers: {} },
      { status: 403, headers: {} },
      { status: 503, headers: { drumline: '1', 'retry-after': '30' } },
      { status: 401, headers: { drumline: '1' } },
    ]
    const at: number[] = []
    const fetch: NonNullable<PageOf['fetch']> = async () => {
      const { status, headers } = answers[at.length] ?? { status: 500, headers: {} }
      at.push(clock.monotonic())
      return Response.json(
        { error: { code: 'forbidden', message: 'the credential is not known' } },
        { status, headers },
      )
    }
    const refused = expect(dialPage({ url: 'http://here', fetch, clock })).rejects.toMatchObject({ retry: 'reauth' })
    await clock.advance(120_000)
    await refused
    expect(at).toHaveLength(4)
    expect((at[3] ?? 0) - (at[2] ?? 0)).toBeGreaterThanOrEqual(30_000)
    expect(clock.pending).toBe(0)
  })
})

describe('a page’s connection', () => {
  function connection() {
    const clock = new FakeClock()
    const [near, far] = pair()
    const port = new AlivePort(near, clock)
    const ended: number[] = []
    port.onText(() => {})
    port.onClose((code) => void ended.push(code))
    far.onText(() => {})
    far.onClose(() => {})
    return { clock, port, near, far, ended }
  }

  test('is asked for a sign of life when nothing came for fifteen seconds, once it was greeted', async () => {
    const { clock, near, far } = connection()
    await clock.advance(LIVENESS.pingMs + 5_000)
    expect(near.sent).toEqual([])
    far.send('welcome')
    await clock.advance(LIVENESS.pingMs + 5_000)
    expect(near.sent).toEqual(['{"type":"ping"}'])
    far.send('something')
    await clock.advance(LIVENESS.pingMs - 5_000)
    expect(near.sent).toHaveLength(1)
  })

  test('is given up after forty seconds of silence, at once and once', async () => {
    const { clock, far, ended } = connection()
    far.send('welcome')
    await clock.advance(LIVENESS.agentMs - 1)
    expect(ended).toEqual([])
    await clock.advance(5_000)
    expect(ended).toEqual([1006])
    expect(clock.pending).toBe(0)
  })

  test('that is prodded ends within five seconds of silence, however often it is prodded', async () => {
    const { clock, port, near, far, ended } = connection()
    port.prod()
    expect(near.sent).toEqual([])
    far.send('welcome')
    await clock.advance(7_000)
    for (let i = 0; i < 4; i++) {
      port.prod()
      await clock.advance(1_200)
    }
    expect(near.sent).toEqual(['{"type":"ping"}'])
    expect(ended).toEqual([])
    await clock.advance(200)
    expect(ended).toEqual([1006])
    port.prod()
    expect(clock.pending).toBe(0)
  })

  test('that is prodded and answers has forty seconds again', async () => {
    const { clock, port, far, ended } = connection()
    far.send('welcome')
    await clock.advance(7_000)
    port.prod()
    far.send('pong')
    await clock.advance(LIVENESS.agentMs - 1)
    expect(ended).toEqual([])
  })

  test('that is leaving is not asked any more', async () => {
    const { clock, port, near, far } = connection()
    far.send('welcome')
    await clock.advance(7_000)
    port.close(1000, '')
    port.prod()
    expect(near.sent).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('is not blamed for the sleep of its own machine', async () => {
    const { clock, near, far, ended } = connection()
    far.send('welcome')
    await clock.advance(1_000)
    clock.stall(3_600_000)
    await clock.advance(0)
    expect(ended).toEqual([])
    expect(near.sent).toEqual(['{"type":"ping"}'])
    await clock.advance(LIVENESS.agentMs + 5_000)
    expect(ended).toEqual([1006])
  })
})
