import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const LONG = 'name: long\nsteps:\n  work:\n    commands:\n      - echo begun\n      - sleep 300\n'

interface Made {
  id: string
  token: string
}

describe('a credential that is revoked', () => {
  test(
    'ends its agent with exit 4, and what it runs with it, unreported',
    () =>
      onStage(async (stage) => {
        await stage.serve()
        const made = (await stage.json('token', 'create', '--role', 'agent')) as Made
        const agent = await stage.agent({ name: 'anvil', env: { DRUMLINE_TOKEN: made.token } })
        const id = await stage.submit(LONG)
        await waitUntil(async () => (await stage.run(['logs', id])).stdout.includes('begun'), { limitMs: 30_000 })
        await stage.run(['token', 'revoke', made.id])
        expect(await agent.finished(30_000)).toMatchObject({ code: 4 })
        expect(agent.stderr()).toContain('drumline: the server refused: 4501 the credential was revoked')
        const shown = (await stage.json('show', id)) as { state: string; attempt: number }
        expect(shown).toMatchObject({ state: 'pending', attempt: 1 })
        const again = await stage.startAgent({ name: 'anvil', env: { DRUMLINE_TOKEN: made.token } })
        expect(await again.finished(30_000)).toMatchObject({ code: 4 })
        await stage.run(['cancel', id])
      }),
    60_000,
  )

  test(
    'ends whoever follows in its name with exit 4 and one line',
    () =>
      onStage(async (stage) => {
        await stage.serve()
        const made = (await stage.json('token', 'create', '--role', 'viewer')) as Made
        await stage.agent({ name: 'anvil' })
        const id = await stage.submit(LONG)
        const follower = stage.start(['logs', '-f', id], {
          DRUMLINE_URL: stage.server.url,
          DRUMLINE_TOKEN: made.token,
        })
        await follower.says(/begun/, 30_000)
        await stage.run(['token', 'revoke', made.id])
        expect(await follower.finished(30_000)).toMatchObject({ code: 4 })
        expect(follower.stderr()).toBe('drumline: the server closed the connection: 4501 the credential was revoked\n')
        await stage.run(['cancel', id, '--wait'], {}, 60_000)
      }),
    60_000,
  )
})
