import { describe, expect, test } from 'vitest'
import { findShell, SHELLS } from '../../../src/agent/local/shell.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
const POSIX = ['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash']

/** The shells of this machine; the others are shown as skipped. */
const found = new Set<string>()
for (const name of SHELLS) {
  if (typeof (await findShell(name, process.env.PATH ?? '')) !== 'string') found.add(name)
}

const run = (image: string, ...commands: string[]) => stage.run(stage.job({ steps: [{ name: 'a', image, commands }] }))

// PowerShell has no package in Debian: held where it is there.
describe.each(SHELLS.filter((name) => name !== 'pwsh' || found.has(name)))('%s', (image) => {
  const here = test.skipIf(!found.has(image))

  here('echoes, tells the streams apart and keeps its state', async () => {
    const job = await run(image, 'cd ..', "echo 'it is' here", 'basename "$PWD"')
    const [, , echoed, , folder] = job.lines('a')
    expect(job.text('a', 'command')).toBe('+ cd ..\n+ echo \'it is\' here\n+ basename "$PWD"\n')
    expect(echoed).toBe('out: it is here')
    expect(folder).toMatch(/^out: drumline-/)
    expect(job.text('a', 'err')).toBe('')
  })

  here('ends at the first command that fails, with its code', async () => {
    const job = await run(image, 'sh -c "exit 7"', 'echo never')
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 7 })
    expect(job.text('a', 'out')).toBe('')
  })

  here('ends with the code it is told', async () => {
    expect((await run(image, 'exit 5')).ended('a').exitCode).toBe(5)
  })
})

describe.each(POSIX)('%s', (image) => {
  const here = test.skipIf(!found.has(image))

  here('reads heredocs, loops and functions', async () => {
    const job = await run(image, 'f() {\n  cat <<EOF\n$1 $A\nEOF\n}', 'A=1', 'for i in x y; do f $i; done')
    expect(job.text('a', 'out')).toBe('x 1\ny 1\n')
  })

  here('keeps its pipes after `exec >file`, `set -u` and `set -C`', async () => {
    const job = await run(image, 'set -eu', 'set -C', 'exec 4>&1 >file', 'echo in', 'exec >&4', 'cat file')
    expect(job.text('a', 'out')).toBe('in\n')
    expect(job.text('a', 'command').split('\n')).toHaveLength(7)
  })
})
