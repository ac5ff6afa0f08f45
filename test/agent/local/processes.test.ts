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
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137, error: 'did not end within 200ms; killed' })
    expect(job.text('a', 'system')).toBe('did not end within 200ms; killed\n')
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

  test('reaches a step that stopped itself, and lets it put things in order', async () => {
    const { job } = await stopAtUp(["trap 'echo tidy; exit 0' TERM; echo up; kill -STOP $$; sleep 600"], {
      graceMs: 600_000,
    })
    expect(job.text('a', 'out')).toBe('up\ntidy\n')
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 0 })
  })

  test('kills after the grace one that stops itself whenever it is told to end', async () => {
    const { job } = await stopAtUp(["trap 'kill -STOP $$' TERM; echo up; while :; do sleep 0.02 || :; done"], {
      graceMs: 200,
    })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137, error: 'did not end within 200ms; killed' })
  })

  test('reaches hundreds of processes, though each ignores SIGTERM', async () => {
    const storm = "trap '' TERM; i=0; while [ $i -lt 300 ]; do sleep 600 & i=$((i+1)); done; echo up; wait"
    const { job } = await stopAtUp([storm], { graceMs: 100 })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137, error: 'did not end within 100ms; killed' })
  })

  test('reaches one that is never where it was: each child forks the next and goes', async () => {
    // It ends by itself some day, should nothing else end it.
    const hop = '[ $1 -gt 20000 ] || sh ./hop $(($1 + 1)) &'
    const { job } = await stopAtUp([`echo '${hop}' >hop`, 'trap "" TERM', 'sh ./hop 0; echo up; sleep 600'], {
      graceMs: 50,
    })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137, error: 'did not end within 50ms; killed' })
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

  test('by the timeout of a step gives it the grace, then kills it', async () => {
    const command = "trap '' TERM; while :; do sleep 0.02; done"
    const steps = [{ name: 'a', commands: [command], timeoutMs: 50 }]
    const job = await stage.run(stage.job({ steps, workflow: { graceMs: 100 } }))
    expect(job.ended('a')).toEqual({
      state: 'failure',
      exitCode: 137,
      error: 'timed out after 50ms; did not end within 100ms; killed',
    })
    expect(job.text('a', 'system')).toBe('timed out after 50ms\ndid not end within 100ms; killed\n')
  })

  test('by the timeout of the workflow is a failure of what runs', async () => {
    const { job } = await stopAtUp(['echo up; sleep 600'], { why: 'timeout', reason: 'timed out after 1h' })
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 143, error: 'timed out after 1h' })
    expect(job.ended('b')).toEqual({ state: 'canceled' })
  })
})

describe('what a step leaves behind', () => {
  test('is killed at its end', async () => {
    // Dead but not yet reaped is gone, too.
    const look = "case $(cut -d ' ' -f 3 /proc/$(cat pid)/stat 2>/dev/null) in ''|Z) echo gone;; *) echo alive;; esac"
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
    const job = await stage.commands('(sleep 0.1; echo late; sleep 600; echo never) & echo done')
    const took = performance.now() - started
    expect(job.text('a', 'out')).toBe('done\nlate\n')
    expect(job.ended('a')).toEqual({ state: 'success', exitCode: 0 })
    expect(job.text('a', 'system')).toContain('still held 2s after its end')
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
