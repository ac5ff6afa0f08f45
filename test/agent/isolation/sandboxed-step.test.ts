import { expect, test } from 'vitest'
import type { Stop } from '../../../src/agent/run.ts'
import type { RecordingJob } from '../../support/recording-job.ts'
import { needsTool } from '../../support/tools.ts'
import { Apart } from './apart.ts'

needsTool('bwrap')('a step in a sandbox', { timeout: 120_000 }, () => {
  const apart = new Apart('sandbox')

  /** Runs these commands and stops the job once `up` was printed. */
  async function stopAtUp(command: string, stop: Partial<Stop> = {}): Promise<RecordingJob> {
    const job = apart.job({
      steps: [{ name: 'a', commands: [command] }],
      onWrite: ({ text }) => text === 'up\n' && job.stop(stop),
    })
    return apart.run(job)
  }

  test.each([
    ['3', 'exit 3', 3],
    ['137 for SIGKILL', 'kill -KILL $$', 137],
    ['143 for SIGTERM', 'kill -TERM $$', 143],
  ])('ends with %s', async (_, command, exitCode) => {
    const job = await apart.run(apart.job({ steps: [{ name: 'a', commands: [command] }] }))
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode })
  })

  test('has its environment, its directory and its echo, and both streams in order', async () => {
    const steps = [
      { name: 'a', commands: ['mkdir -p in/side; echo made >in/side/file'] },
      {
        name: 'b',
        directory: 'in/side',
        environment: { VALUE: `two\nlines 'quoted' $HOME` },
        commands: ['cat file; pwd -P; echo "$PWD"', 'printf %s "$VALUE" >&2'],
      },
    ]
    const job = await apart.run(apart.job({ steps }))
    const [echo, file, real, said, ...rest] = job.lines('b')
    expect([echo, file, real]).toEqual(['command: + cat file; pwd -P; echo "$PWD"', 'out: made', said])
    expect(rest).toEqual(['command: + printf %s "$VALUE" >&2', 'err: two', `err: lines 'quoted' $HOME`])
  })

  test('cannot start in a folder that a link leads to', async () => {
    const steps = [
      { name: 'a', commands: ['ln -s /usr link'] },
      { name: 'b', directory: 'link/bin', commands: ['pwd'] },
    ]
    const job = await apart.run(apart.job({ steps }))
    expect(job.ended('b').error).toBe('directory "link/bin" leaves the workspace by a link')
  })

  test('that is canceled has its grace, and its last words come', async () => {
    const job = await stopAtUp("trap 'echo tidy; exit 0' TERM; echo up; while :; do sleep 0.02; done")
    expect(job.text('a', 'out')).toBe('up\ntidy\n')
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 0 })
  })

  test('that is canceled and ignores it is killed after the grace', async () => {
    const job = await stopAtUp("trap '' TERM; echo up; while :; do sleep 0.02; done", { graceMs: 200 })
    expect(job.ended('a')).toEqual({ state: 'canceled', exitCode: 137, error: 'did not end within 200ms; killed' })
  })

  test('that is canceled while it stopped itself puts things in order, too', async () => {
    const job = await stopAtUp("trap 'echo tidy; exit 0' TERM; echo up; kill -STOP $$; sleep 600")
    expect(job.text('a', 'out')).toBe('up\ntidy\n')
  })

  test('that is canceled before its process is there never begins', async () => {
    const job = apart.job({
      steps: [{ name: 'a', commands: ['echo up'] }],
      onStart: () => queueMicrotask(() => job.stop()),
    })
    await apart.run(job)
    expect(job.ended('a')).toEqual({ state: 'canceled' })
    expect(job.written).toEqual([])
  })

  test('that outlasts its timeout fails and says so', async () => {
    const job = await apart.run(apart.job({ steps: [{ name: 'a', commands: ['echo up; sleep 600'], timeoutMs: 300 }] }))
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 143, error: 'timed out after 300ms' })
  })

  test('that left others behind is read on until they end', async () => {
    const job = await apart.commands('(sleep 0.2; echo late) & echo done')
    expect(job.text('a', 'out')).toBe('done\nlate\n')
    expect(job.text('a', 'system')).toBe('')
  })

  test('may run beside the others of its workflow, and is ended with it', async () => {
    const steps = [
      { name: 'serves', commands: ['touch up; while :; do sleep 0.05; done'], detach: true },
      { name: 'uses', commands: ['until [ -e up ]; do sleep 0.01; done'] },
    ]
    const job = await apart.run(apart.job({ steps }))
    expect(job.outcomes).toEqual(['serves success', 'uses success'])
    expect(job.ended('serves').exitCode).toBe(143)
  })
})
