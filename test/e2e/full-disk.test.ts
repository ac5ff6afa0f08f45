import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Bytes that a file of the server may have: so much and no more is what a full disk comes to. */
const ROOM = 3_000_000
const LINES = 60_000
const line = (number: number) => `line ${number} of a log that is larger than the room there is for it on the disk`

const FLOOD = `
name: flood
steps:
  - name: count
    commands: seq -f '${line(0).replace('0', '%.0f')}' 1 ${LINES}
`

needsTool('prlimit')('a full disk', () => {
  test(
    'is told by /readyz and one line; agents keep what they have, and all arrives once there is room',
    {
      timeout: 180_000,
    },
    () =>
      onStage(async (stage) => {
        await stage.serve()
        await stage.agent({ name: 'loud' })
        const first = await stage.submit('steps: [{name: a, commands: "true"}]')
        await stage.watch.ended(first)
        const { pid } = stage.server.process
        const probe = () => fetch(`${stage.server.url}/readyz`)
        const reason = async () => {
          const answer = await probe()
          return answer.status === 503 && ((await answer.json()) as { reason: string }).reason
        }

        limitFiles(pid, String(ROOM))
        const id = await stage.submit(FLOOD)
        const full = await waitUntil(reason, { limitMs: 30_000, what: 'a full disk' })
        expect(full).toMatch(/^the store cannot be written: the server's disk/)
        // What is there is there, and nothing new is taken.
        expect(await stage.json('show', first)).toMatchObject({ state: 'success' })
        const refused = await stage.run(['submit', stage.write('more.yaml', FLOOD)])
        expect(refused).toMatchObject({ code: 4, stderr: expect.stringMatching(/^drumline: the server's disk/) })
        const { lines } = await stored(id)
        expect(lines).toBeLessThan(LINES)

        limitFiles(pid, 'unlimited')
        const ended = await stage.watch.ended(id, 90_000)
        expect(ended).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
        // Not `toBe`: a difference of megabytes would be printed.
        expect((await stored(id)).text === Array.from({ length: LINES }, (_, at) => `${line(at + 1)}\n`).join('')).toBe(
          true,
        )
        expect((await probe()).status).toBe(200)
        const said = stage.server.process.stderr().split('\n')
        expect(said.filter((text) => text.includes('"level":50'))).toEqual([
          expect.stringContaining('the store cannot be written'),
        ])
        expect(said.filter((text) => text.includes('the store can be written again'))).toHaveLength(1)

        async function stored(of: string): Promise<{ text: string; lines: number }> {
          const { stdout } = await stage.run(['logs', of])
          return { text: stdout, lines: stdout.split('\n').length - 1 }
        }
      }),
  )
})

/** The soft limit alone: it can be raised again. */
function limitFiles(pid: number, bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`prlimit: ${stderr}`)
}
