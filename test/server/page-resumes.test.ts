import { readFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Client,
  dialPage,
  type Link,
  logIn,
  type PageClient,
  type Page as PageOf,
} from '../../src/client/index.ts'
import { dialClient } from '../../src/client/node.ts'
import { FEED, type FeedData, workflowSpec } from '../../src/protocol/index.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { Page } from '../support/page.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'
import { folder } from './support/served.ts'

const LONG = { limitMs: 50_000 }

/** A real server, an operator beside it, and a page that reaches it through a network which a test can cut. */
class Place {
  readonly proxy: TcpProxy
  readonly data: string
  readonly links: Link[] = []
  readonly #page: PageOf
  server: Server
  operator: Client

  private constructor(data: string, server: Server, operator: Client, proxy: TcpProxy, page: PageOf) {
    this.data = data
    this.server = server
    this.operator = operator
    this.proxy = proxy
    this.#page = page
  }

  static async begin(): Promise<Place> {
    const data = await folder()
    const proxy = await TcpProxy.to(0)
    const { server, operator } = await started(data, proxy.url)
    proxy.target = server.port
    const browser = new Page(proxy.url)
    const page = { url: proxy.url, fetch: browser.fetch, WebSocket: browser.WebSocket }
    const place = new Place(data, server, operator, proxy, page)
    onTestFinished(() => place.#end())
    await logIn(page, { token: await tokenOf(server) })
    return place
  }

  /** Closed by the test. */
  dial(): Promise<PageClient> {
    return dialPage({ ...this.#page, onLink: (link) => void this.links.push(link) })
  }

  /** The network is gone until `admit`, and the page knows. */
  async lose(): Promise<void> {
    this.proxy.cut(true)
    await this.is('offline')
  }

  async is(state: Link['state']): Promise<void> {
    await waitUntil(() => this.links.at(-1)?.state === state, { ...LONG, what: `a link that is ${state}` })
  }

  /** Resolves once whoever listens has been told. */
  async submit(name: string, count = 1): Promise<string[]> {
    const told: unknown[] = []
    const subscription = await this.operator.subscribe('workflows', {
      onData: (data) => void (data.kind === 'workflow' && told.push(data.workflow.id)),
    })
    const all = Array.from({ length: count }, () => workflowSpec({ name, steps: [{ name: 'one' }] }))
    const { workflows } = await this.operator.call('submit', { workflows: all, secrets: {} })
    const ids = workflows.map(({ id }) => id)
    await waitUntil(() => ids.every((id) => told.includes(id)), { ...LONG, what: 'the news of a submission' })
    subscription.close()
    return ids
  }

  /** Ends the server, and starts another over the same data. */
  async restart(): Promise<void> {
    this.operator.close()
    await this.server.close()
    ;({ server: this.server, operator: this.operator } = await started(this.data, this.proxy.url))
    this.proxy.target = this.server.port
  }

  async #end(): Promise<void> {
    this.operator.close()
    await this.proxy.close()
    await this.server.close()
  }
}

const tokenOf = async (server: Server) => (await readFile(server.adminTokenFile, 'utf8')).trim()

async function started(data: string, origin: string): Promise<{ server: Server; operator: Client }> {
  const server = await startServer({ data, port: 0, origins: [origin] })
  return { server, operator: await dialClient({ url: server.url, token: await tokenOf(server) }) }
}

/** What a listener hears: the names of workflows, the rest in capitals. */
async function follow(client: Client, topic: 'workflows' | `workflow/${string}`): Promise<string[]> {
  const heard: string[] = []
  await client.subscribe(topic, {
    onSnapshot: () => void heard.push('SNAPSHOT'),
    onResumed: (events) => void heard.push(`RESUMED ${events}`),
    onData: (data: FeedData) => void heard.push(data.kind === 'workflow' ? data.workflow.name : data.kind),
  })
  return heard
}

describe('a page whose connection is cut', { timeout: 120_000 }, () => {
  test('hears what it missed and nothing else, of each topic by itself; it says at once that it is offline', async () => {
    const place = await Place.begin()
    const client = await place.dial()
    await place.submit('before')
    const [heard, again] = [await follow(client, 'workflows'), await follow(client, 'workflows')]
    expect(heard).toEqual(['SNAPSHOT', 'before'])
    await place.submit('live')
    await waitUntil(() => heard.at(-1) === 'live' && again.at(-1) === 'live', { ...LONG, what: 'the live one' })
    const last = client.heard()
    await place.lose()
    expect(place.links.at(-1)).toMatchObject({ reason: 'the connection was lost' })
    await place.submit('missed')
    place.proxy.admit()
    client.retryNow()
    await place.is('live')
    for (const one of [heard, again]) expect(one).toEqual(['SNAPSHOT', 'before', 'live', 'missed', 'RESUMED 1'])
    expect(client.heard()).toBeGreaterThan(last)
    await place.submit('after')
    await waitUntil(() => heard.at(-1) === 'after', { ...LONG, what: 'the one after' })
    client.close()
  })

  test('gets a snapshot when the server knows no more what it missed', async () => {
    const place = await Place.begin()
    const client = await place.dial()
    const heard = await follow(client, 'workflows')
    await place.submit('first')
    await waitUntil(() => heard.at(-1) === 'first', { ...LONG, what: 'the first' })
    await place.lose()
    for (let left = FEED.historyEvents + 1; left > 0; left -= 100) await place.submit('many', Math.min(left, 100))
    place.proxy.admit()
    client.retryNow()
    await place.is('live')
    expect(heard.slice(2)).toEqual(['SNAPSHOT', ...Array(50).fill('many')])
    client.close()
  })

  test('gets a snapshot of another server over the same data', async () => {
    const place = await Place.begin()
    const client = await place.dial()
    const heard = await follow(client, 'workflows')
    await place.submit('kept')
    await waitUntil(() => heard.at(-1) === 'kept', { ...LONG, what: 'the first' })
    await place.restart()
    client.retryNow()
    await waitUntil(() => heard.length === 4, { ...LONG, what: 'the second snapshot' })
    expect(heard).toEqual(['SNAPSHOT', 'kept', 'SNAPSHOT', 'kept'])
    await place.is('live')
    expect(place.links).toContainEqual(expect.objectContaining({ reason: 'the server is restarting' }))
    client.close()
  })

  test('goes on with one workflow as with all', async () => {
    const place = await Place.begin()
    const [id = ''] = await place.submit('one')
    const client = await place.dial()
    const heard = await follow(client, `workflow/${id}`)
    const beside = await follow(place.operator, `workflow/${id}`)
    await place.lose()
    await place.operator.call('cancel', { ids: [id], reason: 'over' })
    await waitUntil(() => beside.length > 2, { ...LONG, what: 'the news of the cancel' })
    place.proxy.admit()
    client.retryNow()
    await place.is('live')
    expect(heard).toEqual(['SNAPSHOT', 'one', 'one', 'RESUMED 1'])
    client.close()
  })
})
