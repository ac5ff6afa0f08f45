import { describe, expect, test } from 'vitest'
import { connected, stage as scripted } from '../agent/stage.ts'
import { settle } from '../support/fake-clock.ts'
import { onStage } from '../support/on-stage.ts'
import { RawAgent } from '../support/raw-agent.ts'
import type { Running } from '../support/running.ts'
import { sharedStage } from '../support/shared-stage.ts'
import type { Stage } from '../support/stage.ts'
import { type StrangeServer, strangeServer, welcome } from '../support/strange-server.ts'
import { waitUntil } from '../support/wait-until.ts'

const RETRY = [4321, 4008, 4499]
const STOP = [4777, 4507, 4999]
const TRIES = { limitMs: 60_000, what: 'another try' }

describe('case 15: this server', () => {
  const current = sharedStage((stage) => stage.serve())

  test('closes 4503 on a client that speaks only versions to come, whoever it is', async () => {
    const stage = current()
    const token = await stage.agentToken()
    await expect(stage.raw({ token, hello: { versions: [2] } })).rejects.toThrow('"code":4503')
    await expect(stage.raw({ token: stage.adminToken, hello: { versions: [3, 2] } })).rejects.toThrow('"code":4503')
  })

  test('answers a newer client in the version that both speak, and in no feature that it does not know', async () => {
    const stage = current()
    const hello = { versions: [3, 2, 1], features: ['time-travel'], later: { unknown: true } }
    const { welcome: answer } = await stage.raw({ token: stage.adminToken, hello })
    expect(answer).toMatchObject({ version: 1, features: [] })
    const agent = await RawAgent.open(stage, { name: 'newer' })
    expect(agent.end.welcome).toMatchObject({ version: 1, agent: { name: 'newer' } })
  })
})

describe.concurrent('case 15: this agent, with a server of another release,', { timeout: 120_000 }, () => {
  test('offers the version it has, and works in it with a newer one', () =>
    withServer(welcome, async (server, agent) => {
      await waitUntil(() => agent.stderr().includes('connected'), TRIES)
      expect(server.hellos[0]).toMatchObject({ versions: [1], features: [] })
    }))

  test('leaves one that answers in another version, and will try again in some minutes', () =>
    withServer(
      (port, hello) => welcome(port, hello, 2),
      async (_server, agent) => {
        await waitUntil(() => agent.stderr().includes('5 to 10 minutes'), TRIES)
        expect(agent.stderr()).toContain('"code":4503')
        expect(agent.ended).toBeUndefined()
      },
    ))

  test('is turned away 4503, and will try again in some minutes', () =>
    withServer(
      (port) => port.close(4503, 'this server speaks 2'),
      async (_server, agent) => {
        await waitUntil(() => agent.stderr().includes('5 to 10 minutes'), TRIES)
        expect(agent.stderr()).toContain('this server speaks 2')
        expect(agent.ended).toBeUndefined()
      },
    ))

  test('comes back after 4321, which it has never heard of', () =>
    withServer(
      (port) => port.close(4321, 'no reason known'),
      async (server, agent) => {
        await waitUntil(() => server.hellos.length >= 2, TRIES)
        expect(agent.ended).toBeUndefined()
      },
    ))

  test('ends after 4777, which it has never heard of, with exit 4 and the code', () =>
    withServer(
      (port, hello) => {
        welcome(port, hello)
        port.close(4777, 'no reason known')
      },
      async (server, agent) => {
        expect(await agent.finished(60_000)).toMatchObject({ code: 4 })
        expect(agent.stderr()).toContain('the server refused: 4777 no reason known')
        expect(server.hellos).toHaveLength(1)
      },
    ))
})

describe('case 15: an agent, in memory, that is closed with a code it has never heard of', () => {
  test.each(RETRY)('%i: comes back', async (code) => {
    const { server, clock, peer } = await connected()
    server.last.channel.close(code, '')
    await clock.advance(6_000)
    expect(server.connections).toHaveLength(2)
    expect(peer.state).toBe('ready')
  })

  test.each(STOP)('%i: ends for good, and says why', async (code) => {
    const { server, clock, peer } = await connected()
    server.last.channel.close(code, 'not to come back')
    await settle()
    await expect(peer.ready()).rejects.toMatchObject({ code })
    await clock.advance(700_000)
    expect(server.connections).toHaveLength(1)
  })

  test('and before its welcome: the same', async () => {
    const on = scripted()
    on.server.greets = false
    const { server, clock, peer } = await connected(on)
    server.last.channel.close(4321, '')
    await clock.advance(6_000)
    server.last.channel.close(4777, '')
    await settle()
    expect(server.connections).toHaveLength(2)
    expect(peer.state).toBe('stopped')
  })
})

/** An agent from the command line, which dials a server that greets as told. */
function withServer(
  greet: Parameters<typeof strangeServer>[0],
  look: (server: StrangeServer, agent: Running) => Promise<void>,
): Promise<void> {
  return onStage(async (stage: Stage) => {
    const server = await strangeServer(greet)
    stage.cleanups.push(() => server.close())
    const agent = stage.start(['agent', '--url', server.url, '--name', 'anvil'], { DRUMLINE_TOKEN: 'drl_any' })
    await look(server, agent)
    await agent.kill()
  })
}
