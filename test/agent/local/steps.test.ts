import { describe, expect, test } from 'vitest'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
const step = (name: string, command: string, more = {}) => ({ name, commands: [command], ...more })

describe('steps in order', () => {
  test('run one after the other in one workspace', async () => {
    const job = await stage.run(stage.job({ steps: [step('a', 'echo made >file'), step('b', 'cat file')] }))
    expect(job.events).toEqual(['start a', 'end a success', 'start b', 'end b success'])
    expect(job.text('b', 'out')).toBe('made\n')
  })

  test('after a failure are skipped, unless they want a failure', async () => {
    const steps = [
      step('a', 'false'),
      step('b', 'true'),
      step('c', 'true', { when: ['failure'] }),
      step('d', 'true', { when: ['success', 'failure'] }),
      step('e', 'true', { when: ['success'] }),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.outcomes).toEqual(['a failure', 'b skipped', 'c success', 'd success', 'e skipped'])
  })

  test('that want a failure are skipped without one', async () => {
    const job = await stage.run(stage.job({ steps: [step('a', 'true'), step('b', 'true', { when: ['failure'] })] }))
    expect(job.outcomes).toEqual(['a success', 'b skipped'])
  })

  test('go on after a failure that is ignored', async () => {
    const job = await stage.run(stage.job({ steps: [step('a', 'false', { failure: 'ignore' }), step('b', 'true')] }))
    expect(job.outcomes).toEqual(['a failure', 'b success'])
  })

  test('need no commands', async () => {
    const job = await stage.run(stage.job({ steps: [{ name: 'a', commands: [] }] }))
    expect(job.ended('a')).toEqual({ state: 'success', exitCode: 0 })
    expect(job.written).toEqual([])
  })
})

describe('steps as a graph', () => {
  // Each waits until the other has begun, so that one at a time would never end.
  const meet = (own: string, other: string) => `touch ${own}; until [ -e ${other} ]; do sleep 0.01; done`

  test('run side by side, and after those they depend on', async () => {
    const steps = [
      step('join', 'ls', { dependsOn: ['left', 'right'] }),
      step('left', meet('l', 'r')),
      step('right', meet('r', 'l')),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.text('join', 'out')).toBe('l\nr\n')
    expect(job.events.indexOf('start join')).toBe(4)
  })

  test('go on after a failure if they run already, and are skipped if not', async () => {
    const steps = [
      step('fails', 'until [ -e begun ]; do sleep 0.01; done; false', { dependsOn: [] }),
      step('runs', 'touch begun; sleep 0.3'),
      step('after', 'true', { dependsOn: ['runs'] }),
      step('tidies', 'true', { dependsOn: ['runs'], when: ['failure'] }),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.outcomes).toEqual(['fails failure', 'runs success', 'after skipped', 'tidies success'])
  })

  test('are canceled by the failure of one that cancels, but not what wants a failure', async () => {
    const steps = [
      step('fails', 'until [ -e begun ]; do sleep 0.01; done; false', { dependsOn: [], failure: 'cancel' }),
      step('runs', 'touch begun; sleep 600'),
      step('tidies', 'true', { dependsOn: ['runs'], when: ['failure'] }),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.outcomes).toEqual(['fails failure', 'runs canceled', 'tidies success'])
    expect(job.ended('runs')).toEqual({ state: 'canceled', exitCode: 143, error: 'canceled because fails failed' })
  })

  test('that wait for each other fail the workflow at once', async () => {
    const job = stage.job({
      steps: [step('a', 'true', { dependsOn: ['b'] }), step('b', 'true', { dependsOn: ['a'] })],
    })
    await expect(stage.run(job)).rejects.toThrow('steps wait for each other: a, b')
  })
})

describe('a detached step', () => {
  test('holds up nothing and is ended with the workflow', async () => {
    const steps = [
      step('serves', 'touch up; while :; do sleep 0.05; done', { detach: true }),
      step('uses', 'until [ -e up ]; do sleep 0.01; done'),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.events).toEqual(['start serves', 'start uses', 'end uses success', 'end serves success'])
    expect(job.ended('serves').exitCode).toBe(143)
  })

  test('may fail without failing the workflow', async () => {
    const steps = [
      step('serves', 'touch down; false', { detach: true }),
      step('waits', 'until [ -e down ]; do sleep 0.01; done; sleep 0.1'),
      step('goes on', 'true'),
    ]
    const job = await stage.run(stage.job({ steps }))
    expect(job.outcomes).toEqual(['serves failure', 'waits success', 'goes on success'])
  })

  test('is canceled with the workflow', async () => {
    const steps = [step('serves', 'sleep 600', { detach: true }), step('a', 'echo up; sleep 600')]
    const job = stage.job({ steps, onWrite: ({ text }) => text === 'up\n' && job.stop() })
    await stage.run(job)
    expect(job.outcomes).toEqual(['serves canceled', 'a canceled'])
  })
})

describe('a step', () => {
  test.each([
    ['0', 'exit 0', 'success', 0],
    ['1', 'false', 'failure', 1],
    ['3', 'exit 3', 'failure', 3],
    ['2 for what the shell cannot read', 'if fi', 'failure', 2],
    ['127 for a program that is not there', 'no-such-program', 'failure', 127],
    ['137 for SIGKILL', 'kill -KILL $$', 'failure', 137],
    ['143 for SIGTERM', 'kill -TERM $$', 'failure', 143],
    ['139 for a child that died of SIGSEGV', "sh -c 'kill -SEGV $$'", 'failure', 139],
  ])('ends with %s', async (_, command, state, exitCode) => {
    const job = await stage.commands(command)
    expect(job.ended('a')).toEqual({ state, exitCode })
  })

  test('ends at its first failing command', async () => {
    const job = await stage.commands('echo one', 'false', 'echo two')
    expect(job.text('a', 'out')).toBe('one\n')
    expect(job.text('a', 'command')).toBe('+ echo one\n+ false\n')
  })

  test('gets an empty stdin', async () => {
    const job = await stage.commands('cat', 'echo done')
    expect(job.text('a', 'out')).toBe('done\n')
  })

  test('that outlasts its timeout fails and says so', async () => {
    const job = await stage.run(stage.job({ steps: [step('a', 'sleep 600', { timeoutMs: 50 }), step('b', 'true')] }))
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 143, error: 'timed out after 50ms' })
    expect(job.text('a', 'system')).toBe('timed out after 50ms\n')
    expect(job.outcomes).toEqual(['a failure', 'b skipped'])
  })

  test('starts in its directory', async () => {
    const steps = [step('a', 'mkdir -p in/side'), step('b', 'pwd -P; echo $PWD', { directory: 'in/side' })]
    const job = await stage.run(stage.job({ steps: [...steps, step('c', 'pwd', { directory: '/' })] }))
    const [real, said] = job.text('b', 'out').split('\n')
    expect(real).toMatch(/\/workspace\/in\/side$/)
    expect(said).toBe(real)
    expect(job.text('c', 'out')).toBe('/\n')
  })

  test.each([
    ['is not there', 'missing', 'directory "missing" does not exist'],
    ['is a file', 'file', 'directory "file" does not exist'],
    ['leaves the workspace', '../..', 'directory "../.." leaves the workspace'],
    ['is a link out of it', 'link/home', 'directory "link/home" leaves the workspace by a link'],
  ])('fails when its directory %s', async (_, directory, error) => {
    const job = await stage.run(
      stage.job({ steps: [step('a', 'touch file; ln -s .. link'), step('b', 'true', { directory })] }),
    )
    expect(job.ended('b')).toEqual({ state: 'failure', exitCode: null, error })
    expect(job.text('b')).toBe(`${error}\n`)
  })

  test('whose environment is too large for the machine fails alone', async () => {
    const environment = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`V${n}`, 'x'.repeat(32_000)]))
    const job = await stage.run(
      stage.job({ steps: [step('a', 'true', { environment }), step('b', 'true', { when: ['failure'] })] }),
    )
    expect(job.outcomes).toEqual(['a failure', 'b success'])
    expect(job.ended('a').error).toContain('E2BIG')
  })
})
