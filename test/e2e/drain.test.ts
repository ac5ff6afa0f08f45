import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Running } from '../support/running.ts'
import type { Stage } from '../support/stage.ts'
import { Ticker } from '../support/ticker.ts'
import { waitUntil } from '../support/wait-until.ts'

const PATIENCE = { limitMs: 60_000 }

async function stateOf(stage: Stage, name: string): Promise<string | undefined> {
  const { agents } = (await stage.json('agents')) as { agents: { name: string; state: string }[] }
  return agents.find((agent) => agent.name === name)?.state
}

/** A command that goes on while the test does. */
function starts(stage: Stage, ...args: string[]): Running {
  return stage.start(args, { DRUMLINE_URL: stage.server.url, DRUMLINE_TOKEN: stage.adminToken })
}

describe.concurrent('drumline drain', { timeout: 240_000 }, () => {
  test('AGENT: it finishes what it runs, takes nothing else, and its process ends with 0', () =>
    onStage(async (stage) => {
      await stage.serve()
      const agent = await stage.agent({ name: 'build-1', capacity: 2 })
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(5)
      const { code, stdout } = await stage.run(['drain', 'build-1'])
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: 'build-1 takes no more work, and leaves once the workflow it runs has ended\n',
      })
      expect(await stateOf(stage, 'build-1')).toBe('draining')
      const waiting = await stage.submit('steps: [{name: a, commands: "true"}]\n')
      const { stdout: why } = await stage.run(['explain', waiting])
      expect(why).toBe('build-1: takes no new work and leaves\n')
      const watching = starts(stage, 'drain', 'build-1', '--wait')
      ticker.letGo()
      expect(await agent.finished(60_000)).toEqual({ code: 0, signal: null })
      expect(agent.stderr()).toContain('drained: it has finished')
      expect(await watching.finished(60_000)).toMatchObject({ code: 0 })
      expect(watching.stdout()).toBe('build-1 has left\n')
      await ticker.expectOnce()
      expect((await stage.watch.get(waiting))?.state).toBe('pending')
    }))

  test('AGENT --undo: a process that was started again waits for it, and works from then on', () =>
    onStage(async (stage) => {
      await stage.serve()
      const first = await stage.agent({ name: 'build-1' })
      expect(await stage.json('drain', 'build-1', '--wait')).toMatchObject({
        name: 'build-1',
        state: 'offline',
        running: 0,
      })
      expect(await first.finished(60_000)).toMatchObject({ code: 0 })
      const again = await stage.startAgent({ name: 'build-1' })
      await waitUntil(async () => (await stateOf(stage, 'build-1')) === 'draining', PATIENCE)
      const id = await stage.submit('steps: [{name: a, commands: "true"}]\n')
      expect(await stage.json('drain', 'build-1', '--undo')).toMatchObject({ state: 'online' })
      expect(await stage.watch.ended(id, 60_000)).toMatchObject({ state: 'success', attempt: 1 })
      expect(again.ended).toBeUndefined()
    }))

  test('--server: from afar, by an operator; it ends with 0 and waits for no workflow, which goes on', () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'build-1' })
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(5)
      const { token } = (await stage.json('token', 'create', '--role', 'operator')) as { token: string }
      const { process } = stage.server
      const told = await stage.run(['drain', '--server', '--wait'], { DRUMLINE_TOKEN: token }, 100_000)
      expect(told).toMatchObject({ code: 0, stdout: 'the server has ended\n', stderr: '' })
      expect(await process.finished(60_000)).toEqual({ code: 0, signal: null })
      await stage.serve()
      const before = (await ticker.ticked()).steps[0]?.lines ?? 0
      await ticker.ticked(before + 20)
      ticker.letGo()
      await ticker.expectOnce()
    }))
})
