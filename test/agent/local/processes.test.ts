import { describe, expect, test } from 'vitest'
import type { Stop } from '../../../src/agent/run.ts'
import type { RecordingJob } from '../../support/recording-job.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

/** Runs these commands and stops the job once `up` was printed. */
async function stopAtUp(commands: string[], stop: Partial<Stop> = {}): Promise<{ job: RecordingJob; took: number }> {
  let stopped = 0
  const job = stage.job({
    steps: [
      { name: 'a', commands },
      { name: 'b', commands: ['true'], when: ['success', 'failure'] },
    ],
    onWrite: ({ kind, text }) => {
      if (kind !== 'out' || text !== 'up\n') return
      stopped = performance.now()
      job.stop(stop)
    },
  })
  await stage.run(job)
  return { job, took: performance.now() - stopped }
}

describe('a cancel', () => {
  test('ends a sleep of ten minutes by SIGTERM', async () => {
    const { job } = await stopAtUp(['echo up; sleep 600'])
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 143 })
    expect(job.ended('b')).toEqual({ state: 'canceled' })
  })

  test('lets a step put things in order, and its output comes', async () => {
    const { job } = await stopAtUp(["trap 'echo tidy; exit 0' TERM; echo up; while :; do sleep 0.02; done"])
    expect(job.text('a', 'out')).toBe('up\ntidy\n')
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 0 })
  })

  test('gives the grace to those the shell left behind, too', async () => {
    const child = "trap 'sleep 0.2; echo tidy; exit' TERM; echo up; while :; do sleep 0.02; done"
    const { job } = await stopAtUp([`sh -c "${child}" & wait`])
    expect(job.text('a', 'out')).toBe('up\ntidy\n')
  })

  test('kills after the grace what ignores SIGTERM', async () => {
    const { job, took } = await stopAtUp(["trap '' TERM; echo up; while :; do sleep 0.02; done"], { graceMs: 200 })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137 })
    expect(job.text('a', 'system')).toBe('did not end within 200 ms; killed\n')
    expect(took).toBeGreaterThanOrEqual(199)
  })

  test('kills what ignores SIGTERM after the shell has gone', async () => {
    const { job } = await stopAtUp(["(trap '' TERM; echo up; while :; do sleep 0.02; done) & wait"], { graceMs: 200 })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 143 })
  })

  test('reaches grandchildren in the background', async () => {
    const { job } = await stopAtUp(['(sleep 600 & sleep 601) & sh -c "sleep 602 & echo up; wait"'])
    expect(job.ended('a').state).toBe('canceled')
  })

  test('reaches a step that stopped itself', async () => {
    const { job } = await stopAtUp(['sleep 600 & echo up; kill -STOP $$'], { graceMs: 200 })
    expect(job.ended('a').state).toBe('canceled')
  })

  test('between a step and its process lets none begin', async () => {
    const job = stage.job({
      steps: [{ name: 'a', commands: ['echo up'] }],
      onStart: () => queueMicrotask(() => job.stop()),
    })
    await stage.run(job)
    expect(job.ended('a')).toEqual({ state: 'canceled' })
    expect(job.written).toEqual([])
  })

  test.each(['shutdown', 'lost'] as const)('by %s is the same to the step', async (why) => {
    const { job } = await stopAtUp(['echo up; sleep 600'], { why })
    expect(job.outcomes).toEqual(['a canceled', 'b canceled'])
  })

  test('by the timeout of the workflow is a failure of what runs', async () => {
    const { job } = await stopAtUp(['echo up; sleep 600'], { why: 'timeout', reason: 'timed out after 1 h' })
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 143, error: 'timed out after 1 h' })
    expect(job.ended('b')).toEqual({ state: 'canceled' })
  })
})

describe('what a step leaves behind', () => {
  test('is killed at its end', async () => {
    // Dead but not yet reaped is gone, too.
    const look = "case $(ps -o stat= -p $(cat pid)) in ''|Z*) echo gone;; *) echo alive;; esac"
    const job = stage.job({
      steps: [
        { name: 'a', commands: ['sleep 600 >/dev/null 2>&1 & echo $! >pid'] },
        { name: 'b', commands: [look] },
      ],
    })
    await stage.run(job)
    expect(job.text('b', 'out')).toBe('gone\n')
  })

  test('is read on for two seconds if it holds the output, then killed', async () => {
    const started = performance.now()
    const job = await stage.commands('(sleep 0.3; echo late; sleep 600; echo never) & echo done')
    const took = performance.now() - started
    expect(job.text('a', 'out')).toBe('done\nlate\n')
    expect(job.ended('a')).toEqual({ state: 'success', exitCode: 0 })
    expect(job.text('a', 'system')).toContain('still held 2 s after its end')
    expect(took).toBeGreaterThanOrEqual(2_000)
  })

  test('ends the wait when it ends', async () => {
    const job = await stage.commands('(sleep 0.2; echo late) & echo done')
    expect(job.text('a', 'out')).toBe('done\nlate\n')
    expect(job.text('a', 'system')).toBe('')
  })

  test('cannot hold the step by a process outside of the group', async () => {
    const job = await stage.commands(
      'setsid sh -c "echo \\$\\$ >pid; exec sleep 30" & until [ -s pid ]; do sleep 0.02; done; cat pid',
    )
    process.kill(Number(job.text('a', 'out')), 'SIGKILL')
    await waitUntil(async () => (await stage.processes()).length === 0)
    expect(job.ended('a').state).toBe('success')
  })

  test('does not keep a cancel waiting', async () => {
    const job = stage.job({
      steps: [{ name: 'a', commands: ['(sleep 0.3; echo late; sleep 1; echo later) & echo up'] }],
      onWrite: ({ text }) => text === 'late\n' && job.stop({ graceMs: 300 }),
    })
    await stage.run(job)
    expect(job.text('a', 'out')).toBe('up\nlate\n')
    // The step itself had ended before.
    expect(job.ended('a')).toEqual({ state: 'success', exitCode: 0 })
  })
})
