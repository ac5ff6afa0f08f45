import { expect, onTestFinished, test } from 'vitest'
import { runAgent } from '../../src/agent/index.ts'
import { type Client, dialClient } from '../../src/client/node.ts'
import { silentLog } from '../../src/protocol/index.ts'
import { serve } from '../server/support/served.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Long enough for a busy machine to ping in time, and to see three cuts at one age. */
const IDLE_MS = 4_000
const PATIENCE = { limitMs: 120_000 }

test('behind something that cuts a quiet connection, by FIN or reset, an agent pings below that age and says so', async () => {
  const { server, token } = await serve()
  const client = await dialClient({ url: server.url, token })
  onTestFinished(() => client.close())
  await Promise.all((['fin', 'reset'] as const).map((how) => learns(server.port, client, how)))
}, 180_000)

async function learns(port: number, client: Client, how: 'fin' | 'reset'): Promise<void> {
  const proxy = await TcpProxy.to(port)
  onTestFinished(() => proxy.close())
  proxy.idle = { afterMs: IDLE_MS, how }
  const said = await idleAgent(client, proxy.url, how)
  const held = () => performance.now() - (proxy.dialled.at(-1) ?? 0)
  await waitUntil(() => proxy.open === 1 && held() > 2 * IDLE_MS, { ...PATIENCE, what: 'a connection that holds' })
  const learned = said.filter((text) => text.includes('cuts a quiet connection'))
  expect(learned).toEqual([
    expect.stringMatching(/after 4(\.\d)? s, three times now; pinging every 2.5 s from now on$/),
  ])
  const seen = async () => (await client.call('agents', {})).agents.find(({ name }) => name === how)?.keepaliveMs
  expect(await seen()).toBe(2_500)
}

/** What an agent says that has nothing to do. */
async function idleAgent(client: Client, url: string, name: string): Promise<string[]> {
  const { token } = await client.call('token.create', { role: 'agent' })
  const said: string[] = []
  const log = { ...silentLog, warn: (_fields: object, text: string) => void said.push(text) }
  const agent = runAgent({ url, token, agent: { name }, log, random: () => 0, run: async () => {} })
  onTestFinished(() => agent.stop())
  return said
}
