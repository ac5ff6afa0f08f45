import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Job } from '../../src/agent/index.ts'
import { untilEnded } from '../../src/client/node.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { dial, reach } from '../../src/socket/index.ts'
import { Authority } from '../support/certificates.ts'
import { FORBIDDEN_PORT, ForwardProxy, IDLE_S, LOGIN } from '../support/forward-proxy.ts'
import { freePort, listening, urlOf } from '../support/listening.ts'
import { ReverseProxy } from '../support/reverse-proxy.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'
import { Through } from './through.ts'

const LONG = { limitMs: 90_000 }
const PATIENCE = { timeout: 180_000 }

const folder = mkdtempSync(join(tmpdir(), 'drumline-forward-'))
const ends: (() => Promise<unknown>)[] = []
const idle = new Map<string, { way: Through; dials: () => number; since: number }>()
let authority: Authority
let server: Server

async function started(proxy: Promise<ForwardProxy>): Promise<string[]> {
  const running = await proxy
  ends.push(() => running.stop())
  return running.hosts
}

const has = (name: Parameters<typeof needsTool>[0]) => needsTool(name) === describe
let squid: string[] = []
let tiny: string[] = []

/** Each way to the server; as a function, since the ports are known only later. */
const WAYS = {
  squid: {
    Squid: () => `http://${squid[0]}`,
    'Squid with a login': () => `http://${LOGIN}@${squid[1]}`,
    'Squid over TLS': () => `https://${LOGIN}@${squid[2]}`,
  },
  tinyproxy: { tinyproxy: () => `http://${tiny[0]}`, 'tinyproxy with a login': () => `http://${LOGIN}@${tiny[1]}` },
}

function way(proxy: string, url = server.url.replace('127.0.0.1', 'localhost')): Through {
  const made = new Through({ server, url, ca: authority.pem, proxy })
  ends.unshift(() => made.close())
  return made
}

beforeAll(async () => {
  authority = new Authority(join(folder, 'ca'), 'Private Root')
  const pair = authority.sign('server', { hosts: ['localhost', '127.0.0.1'] })
  const tls = { cert: readFileSync(pair.cert, 'utf8'), key: readFileSync(pair.key, 'utf8') }
  const shared = { port: 0, testTimings: true, leaseMs: 10_000, trustProxy: ['127.0.0.1'] }
  server = await startServer({ ...shared, data: join(folder, 'data'), tls })
  ends.push(() => server.close())
  if (has('squid')) squid = await started(ForwardProxy.squid(pair))
  if (has('tinyproxy'))
    tiny = await Promise.all([false, true].map((login) => started(ForwardProxy.tinyproxy(login)))).then((all) =>
      all.flat(),
    )
  for (const [tool, ways] of Object.entries(WAYS)) {
    if (!has(tool as keyof typeof WAYS)) continue
    for (const [name, proxy] of Object.entries(ways)) {
      const through = way(proxy())
      idle.set(name, {
        way: through,
        ...(await through.agent(`idle behind ${name}`, async () => {})),
        since: performance.now(),
      })
    }
  }
}, 180_000)

afterAll(async () => {
  for (const end of ends) await end()
  rmSync(folder, { recursive: true, force: true })
}, 90_000)

/** Work that says a line and then waits to be stopped, if it is asked to. */
async function work(job: Job, onStarted: () => void, untilStopped: boolean): Promise<void> {
  await job.step('one').run(async (log) => {
    log('here')
    onStarted()
    if (untilStopped) await new Promise((resolve) => job.signal.addEventListener('abort', resolve, { once: true }))
  })
}

/** A workflow runs, another is canceled, and a subscriber sees both. */
async function works(through: Through, name: string): Promise<void> {
  const client = await through.client()
  const seen: string[] = []
  await client.subscribe('workflows', { onData: (data) => void seen.push(JSON.stringify(data)) })
  const [runs, stops] = [`runs behind ${name}`, `stops behind ${name}`]
  await through.agent(runs, (job) => work(job, () => {}, false))
  const first = await through.submit(client, runs)
  expect(await untilEnded(client, first)).toMatchObject({ state: 'success', logs: 'complete', attempt: 1 })
  let hasStarted = false
  let stoppedAt = 0
  await through.agent(stops, async (job) => {
    job.signal.addEventListener('abort', () => {
      stoppedAt = performance.now()
    })
    await work(
      job,
      () => {
        hasStarted = true
      },
      true,
    )
  })
  const second = await through.submit(client, stops)
  await waitUntil(() => hasStarted, LONG)
  const askedAt = performance.now()
  await client.call('cancel', { ids: [second], reason: 'enough' })
  expect(await untilEnded(client, second)).toMatchObject({ state: 'canceled' })
  expect(stoppedAt).toBeGreaterThan(askedAt)
  console.log(`through ${name} a cancel took ${(stoppedAt - askedAt).toFixed(1)} ms from the call to the signal`)
  await waitUntil(() => [first, second].every((id) => seen.some((text) => text.includes(id))), LONG)
}

for (const [tool, ways] of Object.entries(WAYS)) {
  needsTool(tool as keyof typeof WAYS)('to a server with a certificate of a private authority', PATIENCE, () => {
    test.each(Object.entries(ways))(
      'through %s a workflow runs, a cancel arrives by push, a subscriber sees it',
      async (name, proxy) => {
        await works(way(proxy()), name)
      },
    )
  })
}

needsTool('nginx')('chained', PATIENCE, () => {
  needsTool('squid')('through Squid and then nginx, with TLS and a prefix', () => {
    test('a workflow runs, a cancel arrives by push, a subscriber sees it', async () => {
      const plain = await startServer({
        port: 0,
        testTimings: true,
        leaseMs: 10_000,
        trustProxy: ['127.0.0.1'],
        data: join(folder, 'plain'),
      })
      ends.push(() => plain.close())
      const nginx = await ReverseProxy.start('nginx', plain.port, authority)
      ends.unshift(() => nginx.stop())
      const made = new Through({
        server: plain,
        url: `${nginx.url}/ci`,
        ca: authority.pem,
        proxy: `https://${LOGIN}@${squid[2]}`,
      })
      ends.unshift(() => made.close())
      await works(made, 'Squid and nginx')
    })
  })
})

needsTool('squid')('Squid is understood', PATIENCE, () => {
  const ask = async (proxy: string, url = server.url.replace('http', 'ws')) => {
    const failed = await dial(`${url}/bus`, {
      token: 't',
      maxBytes: 1024,
      network: { ca: authority.pem, proxy },
    }).catch((error: Error) => error)
    return failed instanceof Error ? failed.message : 'no error'
  }

  test('when it wants a login, or another one', async () => {
    expect(await ask(`http://${squid[1]}`)).toMatch(/wants a user and a password.*\(HTTP 407\)/)
    const wrong = await ask(`http://me:guess@${squid[1]}`)
    expect(wrong).toMatch(/refuses the user and password in its address \(HTTP 407\)/)
    expect(wrong).not.toContain('guess')
  })

  test('when it refuses the port, or finds nobody there', async () => {
    const forbidden = await ask(`http://${squid[0]}`, `wss://localhost:${FORBIDDEN_PORT}`)
    expect(forbidden).toMatch(
      /refuses to connect to localhost:9 \(HTTP 403, "ERR_ACCESS_DENIED 0"\): most proxies allow/,
    )
    const nobody = await ask(`http://${squid[0]}`, `wss://127.0.0.1:${await freePort()}`)
    expect(nobody).toMatch(/cannot connect to 127\.0\.0\.1:\d+ \(HTTP 503, "ERR_CONNECT_FAIL 111"\)/)
  })
})

for (const [tool, ways] of Object.entries(WAYS)) {
  needsTool(tool as keyof typeof WAYS)('a tunnel on which nothing passes', PATIENCE, () => {
    test.each(Object.entries(ways))('is cut by %s', async (_, proxy) => {
      const silent = await listening(createServer((socket) => socket.on('error', () => {}).resume()))
      const url = new URL(urlOf(silent).replace('http://127.0.0.1', 'ws://localhost'))
      const tunnel = await reach(url, { ca: authority.pem, proxy: proxy() }, 60_000)
      tunnel.resume()
      await waitUntil(() => tunnel.destroyed, LONG)
      silent.close()
    })
  })
}

// Last, for all of them together: the time that they have to show has mostly passed.
for (const [tool, ways] of Object.entries(WAYS)) {
  needsTool(tool as keyof typeof WAYS)('an idle agent', PATIENCE, () => {
    test.each(Object.keys(ways))('stays behind %s, ten times as long as a tunnel may be idle', async (name) => {
      const { way: through, dials, since } = idle.get(name) ?? expect.fail('it was not started')
      await waitUntil(() => performance.now() - since > 10 * IDLE_S * 1000, LONG)
      expect(dials()).toBe(1)
      const { agents } = await (await through.client()).call('agents', {})
      expect(agents.find((one) => one.name === `idle behind ${name}`)).toMatchObject({ state: 'online' })
    })
  })
}
