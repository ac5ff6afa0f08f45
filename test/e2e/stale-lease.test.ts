import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { RawAgent } from '../support/raw-agent.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const flags = ['--test-timings', '--lease', '5s']
const STALE = { code: 'stale_lease' }

describe.concurrent('what an old lease writes', { timeout: 60_000 }, () => {
  test('is refused once it has expired, and attempt 2 is untouched by it', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await RawAgent.open(stage, { name: 'first' })
      const { id, stepId } = await submit(stage)
      const old = await first.take()
      first.log(old.lease, stepId, 1, 'from the first')
      await first.end.hears('stored')

      // It never extends: its lease expires under it while its connection is well.
      const second = await RawAgent.open(stage, { name: 'second' })
      const now = await second.take()
      expect(now).toMatchObject({ workflowId: id, attempt: 2 })
      await expectRefused(first, old.lease, stepId)
      first.log(old.lease, stepId, 2, 'too late')

      await second.update(now.lease, stepId, 1)
      second.log(now.lease, stepId, 1, 'from the second')
      await second.end.hears('stored', ({ lease, upto }) => lease === now.lease && upto === 1)
      await second.done(now.lease, stepId, 1)
      expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', attempt: 2, agent: 'second' })
      expect((await stage.run(['logs', id])).stdout).toBe('from the second\n')
      await expectRefused(first, old.lease, stepId)
    }))

  test('is refused from an agent that never held it', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const owner = await RawAgent.open(stage, { name: 'owner' })
      const { id, stepId } = await submit(stage)
      const { lease } = await owner.take()
      const stranger = await RawAgent.open(stage, { name: 'stranger' })
      await expectRefused(stranger, lease, stepId)
      await expectRefused(stranger, 'lease-that-never-was', stepId)
      stranger.log(lease, stepId, 1, 'from a stranger')
      await owner.done(lease, stepId, 0)
      expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', agent: 'owner', logs: 'complete' })
      expect((await stage.run(['logs', id])).stdout).toBe('')
    }))

  test('changes nothing when it comes late from an old connection of the same agent', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const proxy = await TcpProxy.before(stage)
      const old = await RawAgent.open(stage, { name: 'twice', boot: 'boot-1', dial: 1, url: proxy.url })
      const { id, stepId } = await submit(stage)
      const { lease } = await old.take()
      old.log(lease, stepId, 1, 'in time')
      await old.end.hears('stored')

      proxy.up.hold()
      old.log(lease, stepId, 2, 'late by the old connection')
      const lateDone = old.done(lease, stepId, 2).then(
        () => 'answered',
        (error: { code?: string }) => error.code,
      )
      const claims = [{ lease, phase: 'running' as const, steps: [{ stepId, next: 2 }] }]
      const now = await RawAgent.open(stage, { name: 'twice', boot: 'boot-1', dial: 2, claims })
      expect(now.end.welcome.claims).toMatchObject([{ lease, verdict: 'keep', steps: [{ stepId, upto: 1 }] }])
      proxy.up.release()

      expect(['stale_lease', 'unavailable']).toContain(await lateDone)
      now.log(lease, stepId, 2, 'by the new one')
      await now.end.hears('stored', ({ upto }) => upto === 2)
      expect(await stage.watch.get(id)).toMatchObject({ state: 'running' })
      await now.done(lease, stepId, 2)
      expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
      expect((await stage.run(['logs', id])).stdout).toBe('in time\nby the new one\n')
      expect(old.end.closed).toMatchObject({ code: 4504 })
    }))
})

async function submit(stage: Stage): Promise<{ id: string; stepId: string }> {
  const id = await stage.submit('name: raw\nsteps:\n  - name: only\n    commands: echo only\n', '--grace', '1s')
  const workflow = await stage.watch.get(id)
  return { id, stepId: workflow?.steps[0]?.id ?? '' }
}

async function expectRefused(agent: RawAgent, lease: string, stepId: string): Promise<void> {
  await expect(agent.init(lease)).rejects.toMatchObject(STALE)
  await expect(agent.update(lease, stepId, 9)).rejects.toMatchObject(STALE)
  await expect(agent.done(lease, stepId, 9)).rejects.toMatchObject(STALE)
  expect(await agent.extend(lease)).toMatchObject({ claims: [{ lease, verdict: 'lost' }] })
}
