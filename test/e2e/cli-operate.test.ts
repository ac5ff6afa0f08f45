import { describe, expect, test } from 'vitest'
import { sharedStage } from '../support/shared-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const yaml = (label: string) => `name: one\nlabels: {pool: ${label}}\nsteps:\n  - {name: a, commands: exit 3}\n`

describe('an operator', { timeout: 120_000 }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve()
    await it.agent({ name: 'twin', labels: { pool: 'here' } })
  })

  test('sees that two agents want one name', async () => {
    const env = { DRUMLINE_TOKEN: await stage().agentToken() }
    const second = stage().start(['agent', '--url', stage().server.url, '--name', 'twin'], env)
    const conflict = async () => {
      const { agents } = (await stage().json('agents')) as { agents: { conflict: number | null }[] }
      return agents[0]?.conflict ?? undefined
    }
    expect(await waitUntil(conflict, { limitMs: 60_000 })).toEqual(expect.any(Number))
    const { stdout } = await stage().run(['agents'])
    expect(stdout).toMatch(/another process of the name twin with the same credential was turned away \d+s ago/)
    await second.kill()
  })

  test('is told by explain what holds a workflow up, and how it ended where nothing does', async () => {
    const waiting = await stage().submit(yaml('nowhere'))
    expect((await stage().run(['explain', waiting])).stdout).toMatch(/^twin: has pool=here, not nowhere\n$/)
    const ended = await stage().submit(yaml('here'))
    await stage().watch.ended(ended)
    expect((await stage().run(['explain', ended])).stdout).toMatch(/^it has ended: failure/)
    await stage().run(['cancel', waiting])
    expect((await stage().run(['explain', waiting])).stdout).toBe('it has ended: canceled\n')
    expect(await stage().json('explain', waiting)).toEqual({ reasons: [] })
  })

  test('is warned of a credential on the command line, but it works', async () => {
    const { code, stderr } = await stage().run(['list', '--token', stage().adminToken], { DRUMLINE_TOKEN: '' })
    expect(code).toBe(0)
    expect(stderr).toBe(
      'drumline: warning: --token can be seen in the list of processes; use DRUMLINE_TOKEN or --token-file\n',
    )
  })

  test('may write the address in any of its four ways, and a flag beats the environment', async () => {
    const { port } = stage().server
    for (const url of [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}/bus`, `http://localhost:${port}/`]) {
      const { code } = await stage().run(['queue', 'info', '--url', url], { DRUMLINE_URL: 'http://127.0.0.1:9' })
      expect(code, url).toBe(0)
    }
    const { stdout } = await stage().run(['list', '--limit', '1', '--json'], { DRUMLINE_LIST_LIMIT: '2' })
    expect(JSON.parse(stdout).workflows).toHaveLength(1)
  })
})
