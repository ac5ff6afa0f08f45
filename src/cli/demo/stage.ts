import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localBackend, type RunningAgent, runAgent } from '../../agent/index.ts'
import { type Client, dialClient } from '../../client/node.ts'
import { type Server, startServer } from '../../server/index.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A server, two agents and an operator, in one process and one temporary folder. */
export interface Stage {
  readonly server: Server
  readonly client: Client
  readonly data: string
  /** Stops the work, the agents and the server, and removes the folder. */
  close(): Promise<void>
}

/** The demo's agents; its examples choose between them by label. */
const AGENTS = [
  { name: 'north', capacity: 2, labels: { pool: 'fast' } },
  { name: 'south', capacity: 4, labels: { pool: 'heavy' } },
]

/** What a step needs to reach a registry from behind a corporate proxy. */
const PASSED =
  /^(https?_proxy|no_proxy|all_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|npm_config_(userconfig|registry|cafile))$/i

/** Opens all of it, or nothing: what was opened before a failure is closed again. */
export async function openStage(env: Env): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'drumline-demo-'))
  const undo: (() => unknown)[] = [() => rmSync(data, { recursive: true, force: true })]
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const server = await startServer({ port: 0, data })
    undo.push(() => server.close())
    const client = await dialClient({ url: server.url, token: readFileSync(server.adminTokenFile, 'utf8').trim() })
    undo.push(() => client.close())
    const agents = await startAgents(server.url, client, env)
    undo.push(() => Promise.all(agents.map((agent) => agent.stop('the demo ends'))))
    return { server, client, data, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startAgents(url: string, client: Client, env: Env): Promise<RunningAgent[]> {
  const { token } = await client.call('token.create', { role: 'agent', name: 'demo' })
  const passEnv = Object.keys(env).filter((name) => PASSED.test(name))
  const run = localBackend({ baseEnv: env, passEnv })
  return AGENTS.map((agent) => runAgent({ url, token, agent, run }))
}
