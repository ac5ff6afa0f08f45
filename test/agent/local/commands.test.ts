import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SHELLS } from '../../../src/agent/local/shell.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

describe('commands', () => {
  test.each([
    ['quotes of both kinds', `echo 'it'"'"'s' "a 'b'"`, "it's a 'b'\n"],
    ['a dollar kept and a dollar used', `A=1; echo '$A' "$A" \\$A`, '$A 1 $A\n'],
    ['backquotes and backslashes', "echo `echo in` 'back\\slash'", 'in back\\slash\n'],
    ['several lines', 'for i in 1 2\ndo\n  echo $i\ndone', '1\n2\n'],
    ['a heredoc', "cat <<'EOF'\nit's $HOME\n\nend\nEOF", "it's $HOME\n\nend\n"],
    ['a newline at the end', 'echo one\n', 'one\n'],
    ['a backslash at the end', 'echo one \\', 'one\n'],
    ['a comment', 'echo one # not two', 'one\n'],
    ['a percent sign', 'echo 100% %s', '100% %s\n'],
    ['other scripts', 'echo "naïve 日本 🚂"', 'naïve 日本 🚂\n'],
  ])('may hold %s', async (_, command, out) => {
    const job = await stage.commands(command, 'echo next')
    expect(job.text('a', 'out')).toBe(`${out}next\n`)
    expect(job.text('a', 'command')).toBe(`+ ${command.replace(/\n$/, '')}\n+ echo next\n`)
    expect(job.text('a', 'err')).toBe('')
  })

  test('share variables, functions and the directory', async () => {
    const job = await stage.commands('A=1', 'f() { echo "f $A"; }', 'mkdir sub', 'cd sub', 'f', 'basename "$PWD"')
    expect(job.text('a', 'out')).toBe('f 1\nsub\n')
  })

  test('may be one construct over several entries', async () => {
    const job = await stage.commands('if false; then', 'echo no', 'else', 'echo yes', 'fi')
    expect(job.text('a', 'out')).toBe('yes\n')
  })

  test('may be as large as a workflow allows', async () => {
    const long = `: ${'x'.repeat(60_000)}`
    const job = await stage.commands(...Array.from({ length: 20 }, () => long), 'echo done')
    expect(job.text('a', 'out')).toBe('done\n')
  })
})

describe('the shell', () => {
  test.each(['bash', 'dash'])('is %s if the image says so', async (image) => {
    const job = await stage.run(stage.job({ steps: [{ name: 'a', image, commands: ['readlink /proc/$$/exe'] }] }))
    expect(job.text('a', 'out')).toMatch(new RegExp(`/${image}\n$`))
  })

  test('that is not on the PATH fails the step with 127 and says what was looked for', async () => {
    const bin = join(stage.scratch, 'bin')
    await mkdir(bin)
    const steps = [
      { name: 'a', image: 'zsh', commands: ['true'] },
      { name: 'b', commands: ['true'], when: ['failure' as const] },
    ]
    const job = await stage.run(stage.job({ steps }), { baseEnv: { PATH: `:relative:${bin}` } })
    const error = `image "zsh": no program zsh on this agent's PATH, :relative:${bin}`
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 127, error })
    expect(job.text('a')).toBe(`${error}\n`)
    expect(job.ended('b').exitCode).toBe(127)
  })

  test.each(['alpine:3', 'constructor', '../sh', '/bin/sh'])('is never an image like %s', async (image) => {
    const job = await stage.run(stage.job({ steps: [{ name: 'a', image, commands: ['true'] }] }))
    expect(job.ended('a').exitCode).toBe(127)
    expect(job.text('a', 'system')).toBe(`image "${image}" is not a shell; this agent runs ${SHELLS.join(', ')}\n`)
  })

  test('is not a file that cannot be run, nor a folder, but the next on the PATH', async () => {
    const bin = join(stage.scratch, 'bin')
    await mkdir(join(bin, 'dir/sh'), { recursive: true })
    await mkdir(join(bin, 'file'))
    await writeFile(join(bin, 'file/sh'), 'no')
    await chmod(join(bin, 'file/sh'), 0o644)
    await mkdir(join(bin, 'good'))
    await symlink('/bin/sh', join(bin, 'good/sh'))
    const job = stage.job({ steps: [{ name: 'a', commands: ['echo ran'] }] })
    await stage.run(job, { baseEnv: { PATH: ['dir', 'file', 'good'].map((name) => join(bin, name)).join(':') } })
    expect(job.text('a', 'out')).toBe('ran\n')
  })
})

test('a shell that cannot be started fails the step, and its timeout is forgotten', async () => {
  const bin = join(stage.scratch, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'sh'), '#!/no/such/interpreter\n', { mode: 0o755 })
  const steps = [
    { name: 'a', commands: ['true'], timeoutMs: 300 },
    { name: 'b', image: 'bash', commands: ['sleep 0.5'], when: ['failure' as const] },
  ]
  const job = await stage.run(stage.job({ steps }), { baseEnv: { PATH: `${bin}:${process.env.PATH}` } })
  expect(job.outcomes).toEqual(['a failure', 'b success'])
  const error = `the agent could not run this step: spawn ${bin}/sh ENOENT`
  expect(job.ended('a')).toEqual({ state: 'failure', exitCode: null, error })
  expect(job.text('a')).toBe(`${error}\n`)
})
