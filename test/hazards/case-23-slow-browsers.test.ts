import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { dialPage, logIn } from '../../src/client/index.ts'
import type { FeedData } from '../../src/protocol/index.ts'
import { openFront } from '../server/http/front.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { Page } from '../support/page.ts'
import { waitUntil } from '../support/wait-until.ts'
import { hashOf } from './support/ledger.ts'
import { slowBrowsers } from './support/slow-browsers.ts'

describe('case 23: slow browsers:', { timeout: 400_000 }, () => {
  // 200 of them are in test/full.
  test('10 tabs that read nothing, 10 KB a second, or all cost a busy server 1 MiB each at most, are told what they miss, and know all in the end', async () => {
    await slowBrowsers(10)
  })

  test('a tab that sleeps for ten minutes costs nothing meanwhile, and knows all soon after it wakes', async () => {
    const front = await openFront()
    await front.as('operator')
    const { house, url } = front
    const browser = new Page(url)
    const sockets: WebSocket[] = []
    class Socket extends browser.WebSocket {
      constructor(to: string, protocol: string) {
        super(to, protocol)
        sockets.push(this)
      }
    }
    const clock = new FakeClock()
    const page = { url, fetch: browser.fetch, WebSocket: Socket, clock }
    await logIn(page, { token: 'token-of-operator' })
    const tab = await dialPage(page)
    const known: FeedData[] = []
    await tab.subscribe('workflows', {
      onSnapshot: () => void known.splice(0),
      onData: (data) => void known.push(data),
    })
    sockets[0]?.pause()
    for (let minute = 0; minute < 10; minute++) {
      await house.submit()
      await house.clock.advance(60_000)
    }
    expect(house.core.connections.size).toBe(0)
    expect(house.core.feed.size).toMatchObject({ connections: 0, subscriptions: 0, held: 0 })
    expect(known).toEqual([])
    clock.stall(600_000)
    sockets[0]?.resume()
    const now = async (): Promise<FeedData[]> =>
      (await house.store.list({ limit: 50 })).workflows.map((workflow) => ({ kind: 'workflow', workflow }))
    const knows = async () => {
      await clock.advance(1_000)
      return hashOf(known) === hashOf(await now())
    }
    await waitUntil(knows, { what: 'all that there is', limitMs: 60_000 })
    expect(known).toHaveLength(10)
    tab.close()
  })
})
