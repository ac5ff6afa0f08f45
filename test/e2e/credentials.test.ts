import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Made {
  id: string
  token: string
}

interface Listed {
  tokens: { id: string; role: string; name: string; state: string; enrolled: string | null }[]
}

const LOUD =
  "name: loud\nsteps:\n  work:\n    commands:\n      - yes 'a line that is long enough to fill a link' | head -c 8000000\n      - sleep 300\n"

async function made(stage: Stage, ...flags: string[]): Promise<Made> {
  return (await stage.json('token', 'create', '--role', 'agent', ...flags)) as Made
}

/** Agents that are connected, as the server counts its sockets. */
async function sockets(stage: Stage): Promise<number> {
  const text = await (await fetch(`${stage.server.url}/metrics`)).text()
  return Number(/^drumline_connections\{role="agent"\} (\d+)$/m.exec(text)?.[1])
}

test(
  'a revoked agent whose link has come to a stop is closed for the server all the same, and its work given up',
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const proxy = await TcpProxy.before(stage)
      const { id, token } = await made(stage)
      const agent = await stage.agent({ name: 'slow', url: proxy.url, env: { DRUMLINE_TOKEN: token } })
      proxy.up.weather = { bytesPerSecond: 8_000 }
      const workflow = await stage.submit(LOUD)
      await stage.watch.until(workflow, ({ steps }) => (steps[0]?.lines ?? 0) > 0)
      // Its goodbye is behind all of this, and never comes.
      proxy.up.hold()
      expect(await sockets(stage)).toBe(1)
      await stage.run(['token', 'revoke', id])
      expect(await stage.watch.get(workflow)).toMatchObject({ state: 'pending' })
      // A WebSocket by itself would be waited for 30 s.
      await waitUntil(async () => (await sockets(stage)) === 0, { limitMs: 25_000, what: 'the end of the socket' })
      proxy.up.release()
      expect(await agent.finished(60_000)).toMatchObject({ code: 4 })
      await stage.run(['cancel', workflow])
    }),
  180_000,
)

test(
  'an enrolment token becomes a credential of the agent’s own, whenever it is killed in between',
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const { id, token } = await made(stage, '--enrol', '--label', 'pool=x')
      const env = { DRUMLINE_TOKEN: token }
      const folder = stage.path('data-anvil')
      await stage.agent({ name: 'anvil', data: true, env })
      const own = readFileSync(join(folder, 'credential'), 'utf8')
      expect(statSync(join(folder, 'credential')).mode & 0o777).toBe(0o600)
      await stage.stopAgent('anvil')

      // As if killed when its answer had been lost.
      renameSync(join(folder, 'credential'), join(folder, 'credential.new'))
      await stage.agent({ name: 'anvil', data: true, env })
      expect(readFileSync(join(folder, 'credential'), 'utf8')).toBe(own)
      expect(existsSync(join(folder, 'credential.new'))).toBe(false)
      await stage.stopAgent('anvil')

      const { tokens } = (await stage.json('token', 'list')) as Listed
      const agents = tokens.filter(({ name }) => name === 'anvil')
      expect(agents).toMatchObject([{ role: 'agent', state: 'valid' }])
      expect(tokens.find((one) => one.id === id)).toMatchObject({ state: 'used', enrolled: agents[0]?.id })

      const other = await stage.startAgent({ name: 'thief', data: true, env })
      expect(await other.finished(60_000)).toMatchObject({ code: 4 })
      const nowhere = await stage.startAgent({ name: 'homeless', env })
      expect(await nowhere.finished(60_000)).toMatchObject({ code: 2 })
      expect(nowhere.stderr()).toContain('an enrolment token needs --data')
    }),
  180_000,
)

test(
  'an agent takes up the token that its file holds by now, and what it runs goes on',
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const { id, token } = await made(stage)
      const file = stage.write('token', token)
      const gate = stage.path('gate')
      await stage.agent({ name: 'anvil', env: { DRUMLINE_TOKEN: '', DRUMLINE_TOKEN_FILE: file } })
      const workflow = await stage.submit(
        `name: w\nsteps:\n  s:\n    commands:\n      - until [ -e ${gate} ]; do sleep 0.1; done\n`,
      )
      await stage.watch.until(workflow, ({ steps }) => steps[0]?.state === 'running')
      const rotated = (await stage.json('token', 'rotate', id, '--overlap', '1s')) as Made
      writeFileSync(file, rotated.token)
      await waitUntil(async () => (await stage.run(['audit', '--action', 'token.rotate'])).stdout.includes(id), {
        limitMs: 60_000,
      })
      await waitUntil(() => stage.watch.isOnline('anvil'), { limitMs: 60_000, what: 'the agent again' })
      writeFileSync(gate, '')
      await stage.watch.until(workflow, ({ state }) => state === 'success')
      expect(await stage.watch.get(workflow)).toMatchObject({ attempt: 1 })
    }),
  180_000,
)

test(
  'the admin’s own token is rotated with its file',
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const before = stage.adminToken
      const { token } = (await stage.json('token', 'rotate', 'admin', '--overlap', '0s')) as Made
      expect(stage.adminToken).toBe(token)
      expect(token).not.toBe(before)
      expect((await stage.run(['queue', 'info'])).code).toBe(0)
    }),
  120_000,
)
