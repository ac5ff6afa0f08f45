import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../src/agent/index.ts'
import { untilEnded } from '../../src/client/node.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { Authority } from '../support/certificates.ts'
import { IDLE_S, PROXIES, type ProxyName, ReverseProxy } from '../support/reverse-proxy.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'
import { Through } from './through.ts'

const NAMES = Object.keys(PROXIES) as ProxyName[]
/** What a reload does to a socket: all but one leave it with the process that has it. */
const KEEPS: Record<ProxyName, boolean> = { nginx: true, haproxy: true, apache2: true, caddy: false }
const LONG = { limitMs: 60_000 }

const folder = mkdtempSync(join(tmpdir(), 'drumline-proxies-'))
const ways: Through[] = []
const proxies = new Map<ProxyName, ReverseProxy>()
const idle = new Map<ProxyName, { dials: () => number; since: number }>()
let server: Server
let authority: Authority

const nothing: Run = async () => {}

/** Something that work waits for, until the test lets it go. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

beforeAll(async () => {
  const installed = NAMES.filter((name) => needsTool(name) === describe)
  authority = new Authority(folder)
  server = await startServer({
    data: join(folder, 'data'),
    port: 0,
    testTimings: true,
    leaseMs: 10_000,
    trustProxy: ['127.0.0.1'],
  })
  for (const name of installed) {
    proxies.set(name, await ReverseProxy.start(name, server.port, authority))
    // At work from the beginning: what they have to show is that nothing happens to them.
    const { dials } = await through(name).agent(`idle behind ${name}`, nothing)
    idle.set(name, { dials, since: performance.now() })
  }
}, 180_000)

afterAll(async () => {
  await Promise.all(ways.map((way) => way.close()))
  await Promise.all([...proxies.values()].map((proxy) => proxy.stop()))
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}, 90_000)

function through(name: ProxyName, prefix = ''): Through {
  const proxy = proxies.get(name)
  if (proxy === undefined) throw new Error(`${name} was not started`)
  const way = new Through({ server, url: `${proxy.url}${prefix}`, ca: authority.pem })
  ways.push(way)
  return way
}

for (const name of NAMES) {
  needsTool(name)(`through ${name}, as docs/proxies/${PROXIES[name].file} has it`, { timeout: 180_000 }, () => {
    test.each(['', '/ci'])('at %j a workflow runs, and its log comes line by line', async (prefix) => {
      const { opened, open } = gate()
      const way = through(name, prefix)
      const agent = `runs behind ${name}${prefix}`
      await way.agent(agent, async (job) => {
        await job.step('one').run(async (log) => {
          log('first')
          await opened
          log('last')
        })
      })
      const client = await way.client()
      const id = await way.submit(client, agent)
      const followed = await way.follow(id)
      await waitUntil(() => followed.text() === 'first\n', LONG)
      open()
      expect(await untilEnded(client, id)).toMatchObject({ state: 'success', logs: 'complete', attempt: 1 })
      await waitUntil(() => followed.ended(), LONG)
      expect(followed.text()).toBe('first\nlast\n')
    })

    test('a cancel arrives by push', async () => {
      const way = through(name)
      const agent = `stops behind ${name}`
      const started = gate()
      let stoppedAt = 0
      await way.agent(agent, async (job) => {
        await job.step('one').run(
          () =>
            new Promise((resolve) => {
              job.signal.addEventListener('abort', () => {
                stoppedAt = performance.now()
                resolve()
              })
              started.open()
            }),
        )
      })
      const client = await way.client()
      const id = await way.submit(client, agent)
      await started.opened
      const askedAt = performance.now()
      await client.call('cancel', { ids: [id], reason: 'enough' })
      expect(await untilEnded(client, id)).toMatchObject({ state: 'canceled' })
      console.log(`through ${name} a cancel took ${(stoppedAt - askedAt).toFixed(1)} ms from the call to the signal`)
      expect(stoppedAt).toBeGreaterThan(askedAt)
    })

    test('a reload loses nothing of what runs', async () => {
      const way = through(name)
      const agent = `is reloaded behind ${name}`
      const [started, reloaded] = [gate(), gate()]
      const { dials } = await way.agent(agent, async (job) => {
        await job.step('one').run(async (log) => {
          for (let line = 1; line <= 500; line++) log(`line ${line}`)
          started.open()
          await reloaded.opened
          for (let line = 501; line <= 1000; line++) log(`line ${line}`)
        })
      })
      const client = await way.client()
      const id = await way.submit(client, agent)
      await started.opened
      proxies.get(name)?.reload()
      // Whoever comes now is served by what the reload has brought.
      const fresh = await way.client()
      if (!KEEPS[name]) await waitUntil(() => dials() > 1, LONG)
      reloaded.open()
      expect(await untilEnded(fresh, id)).toMatchObject({ state: 'success', logs: 'complete', attempt: 1 })
      expect(dials() > 1).toBe(!KEEPS[name])
      const followed = await way.follow(id)
      await waitUntil(() => followed.ended(), LONG)
      expect(followed.text().trimEnd().split('\n')).toEqual(Array.from({ length: 1000 }, (_, at) => `line ${at + 1}`))
    })

    test.each(['', '/ci'])('at %j a page logs in and subscribes', async (prefix) => {
      const { token } = await server.createToken({ role: 'viewer' })
      const { cookie, result } = await through(name, prefix).page().subscribe(token, 'queue')
      expect(cookie).toMatch(prefix === '' ? /^__Host-drumline/ : /^drumline/)
      expect(result).toMatchObject({ json: { epoch: expect.any(String) } })
    })
  })
}

// Last, for all of them together: the time that they have to show has mostly passed.
for (const name of NAMES) {
  needsTool(name)(`through ${name}`, { timeout: 180_000 }, () => {
    test('an idle agent stays, ten times as long as an idle connection may', async () => {
      const way = through(name)
      const client = await way.client()
      const quiet = await way.follow(await way.submit(client, 'nobody takes this'))
      await waitUntil(() => quiet.ended(), LONG)
      const { dials, since } = idle.get(name) ?? { dials: () => 0, since: 0 }
      await waitUntil(() => performance.now() - since > 10 * IDLE_S * 1000, LONG)
      // Caddy was reloaded meanwhile.
      expect(dials()).toBe(KEEPS[name] ? 1 : 2)
      const { agents } = await client.call('agents', {})
      expect(agents.find((one) => one.name === `idle behind ${name}`)).toMatchObject({ state: 'online' })
    })
  })
}
