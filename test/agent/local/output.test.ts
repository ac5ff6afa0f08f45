import { describe, expect, test } from 'vitest'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

describe('output', () => {
  test('tells echo, stdout and stderr apart and keeps their order', async () => {
    const job = await stage.commands('echo one; echo two >&2', 'echo three')
    expect(job.lines('a').filter((line) => !line.startsWith('err'))).toEqual([
      'command: + echo one; echo two >&2',
      'out: one',
      'command: + echo three',
      'out: three',
    ])
    expect(job.text('a', 'err')).toBe('two\n')
  })

  test('keeps stderr on its side of the next command', async () => {
    const commands = Array.from({ length: 40 }, (_, n) => `echo e${n} >&2; echo o${n}`)
    const job = await stage.commands(...commands)
    const lines = job.lines('a')
    expect(lines).toHaveLength(120)
    for (const [n, command] of commands.entries()) {
      const at = lines.indexOf(`command: + ${command}`)
      expect(lines.slice(at, at + 3).sort()).toEqual([`command: + ${command}`, `err: e${n}`, `out: o${n}`])
    }
  })

  test('brings 50,000 lines of each stream complete and in order', async () => {
    const job = await stage.commands(
      'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; done',
    )
    const numbers = Array.from({ length: 50_000 }, (_, n) => n + 1)
    expect(job.text('a', 'out')).toBe(numbers.map((n) => `out ${n}\n`).join(''))
    expect(job.text('a', 'err')).toBe(numbers.map((n) => `err ${n}\n`).join(''))
  })

  test('comes while the step runs', async () => {
    const job = stage.job({
      steps: [{ name: 'a', commands: ['echo first', 'while [ ! -e go ]; do sleep 0.02; done', 'echo last'] }],
      onWrite: ({ text }) => {
        if (text === 'first\n') seen = true
        if (seen) job.stop()
      },
    })
    let seen = false
    await stage.run(job)
    expect(seen).toBe(true)
    expect(job.ended('a').state).toBe('canceled')
  })

  test('takes an end without newline as a line, also before the next command', async () => {
    const job = await stage.commands('printf one', 'printf two')
    expect(job.lines('a')).toEqual(['command: + printf one', 'out: one', 'command: + printf two', 'out: two'])
  })

  test('keeps carriage returns and empty lines', async () => {
    const job = await stage.commands(String.raw`printf '10%%\r20%%\r\n\nend\n'`)
    expect(job.text('a', 'out')).toBe('10%\r20%\r\n\nend\n')
  })

  test('keeps bytes of every sort but those that are no UTF-8', async () => {
    const job = await stage.commands(String.raw`printf 'a\000b\033[31m\007\013\f\302\205\n'`)
    expect(job.text('a', 'out')).toBe('a\0b\u001b[31m\u0007\v\f\u0085\n')
  })

  test('replaces invalid UTF-8 and does not break what two writes split', async () => {
    const job = await stage.commands(
      String.raw`printf 'a\377b\n'; printf '\342\202'; sleep 0.1; printf '\254\n'; printf '\342'`,
    )
    expect(job.text('a', 'out')).toBe('a\uFFFDb\n€\n\uFFFD\n')
  })

  test('holds no more than a piece of a line without end', async () => {
    const job = await stage.commands("head -c 1000000 /dev/zero | tr '\\0' x")
    const pieces = job.written.filter(({ kind }) => kind.startsWith('out'))
    expect(pieces.slice(0, -1).every(({ kind, text }) => kind === 'out+' && text.length === 8192)).toBe(true)
    expect(pieces.at(-1)?.kind).toBe('out')
    expect(pieces.map(({ text }) => text.trimEnd()).join('')).toHaveLength(1_000_000)
  })

  test('goes on after the step has pointed its stdout at a file, which gets nothing but its own', async () => {
    const job = await stage.commands('exec 3>&1 >file', 'echo inside', 'exec >&3', 'cat file')
    expect(job.lines('a')).toEqual([
      'command: + exec 3>&1 >file',
      'command: + echo inside',
      'command: + exec >&3',
      'command: + cat file',
      'out: inside',
    ])
  })

  test('goes on after the step has closed both', async () => {
    const job = await stage.commands('exec >&- 2>&-', 'sleep 0.05', 'exit 3')
    expect(job.text('a', 'command')).toBe('+ exec >&- 2>&-\n+ sleep 0.05\n+ exit 3\n')
    expect(job.ended('a')).toEqual({ state: 'failure', exitCode: 3 })
  })

  test('can be written to by /dev/stdout and /dev/stderr', async () => {
    const job = await stage.commands('echo one | tee /dev/stderr', 'echo two >/dev/stdout')
    expect(job.text('a', 'out')).toBe('one\ntwo\n')
    expect(job.text('a', 'err')).toBe('one\n')
  })

  test('of `set -x` shows the commands and nothing of the marks', async () => {
    const job = await stage.commands('set -x', 'echo one')
    expect(job.text('a', 'err')).toBe('+ echo one\n')
  })

  test('of a step that removes its own pipes still ends', async () => {
    const job = await stage.commands('rm -rf "$HOME/../steps"', 'echo one; echo two >&2', 'echo three')
    expect(job.text('a', 'out')).toBe('one\nthree\n')
    expect(job.ended('a').state).toBe('success')
  })

  test('leaves a broken pipe to end the writer', async () => {
    const job = await stage.commands('yes | head -n 1')
    expect(job.lines('a')).toEqual(['command: + yes | head -n 1', 'out: y'])
  })
})
