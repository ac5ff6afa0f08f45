import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import type { Page } from '../../src/cli/page.ts'
import { runProgram } from '../../src/cli/program.ts'
import { FakeWorld } from './fake-world.ts'

async function run(...args: string[]) {
  const world = new FakeWorld(args)
  const code = await runProgram(world)
  return { code, stdout: world.stdout.text, stderr: world.stderr.text }
}

const loaded = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()))
const pages = loaded.flatMap(({ page }) => [page, ...page.members]).map((page) => ({ name: page.name, page }))
const commands = pages.filter(({ page }) => page.members.length === 0)

describe('the help', () => {
  test('of the program names every command under a heading, the exit codes, and how to begin', async () => {
    const { code, stdout, stderr } = await run('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const [name, { heading, summary }] of Object.entries(COMMANDS)) {
      if (heading !== null) expect(stdout).toMatch(new RegExp(`\n${heading}\n(.+\n)*  ${name} +${summary}`))
    }
    expect(stdout).not.toMatch(/^ {2}complete /m)
    expect(stdout).toMatch(/\nExit codes:\n +0 +success\n/)
    expect(stdout).toMatch(/\nExamples:\n {2}drumline serve/)
  })

  test.each(pages)('of $name is on stdout, exits 0 and fits 100 columns', async ({ name }) => {
    const { code, stdout, stderr } = await run(...name.split(' '), '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect(await run('help', ...name.split(' '))).toMatchObject({ code: 0, stdout })
  })

  test.each(commands)(
    'of $name shows examples, what --json prints, and the twin of every flag',
    async ({ name, page }) => {
      const { stdout } = await run(...name.split(' '), '--help')
      expect(stdout).toMatch(/\nExamples:\n {2}\S/)
      if (page.flags.some(({ flags }) => flags === '--json')) expect(stdout).toContain('\nWith --json it prints:\n')
      const options = stdout
        .slice(stdout.indexOf('\nOptions:'))
        .split(/\n(?= {2}-)/)
        .slice(1)
      for (const option of options.filter((text) => !text.includes('--help')))
        expect(option).toMatch(/env:\s+DRUMLINE_[A-Z_]+\)/)
    },
  )

  test.each(commands)('of $name shows examples that would work', ({ page }) => {
    const known = page.flags.flatMap(({ flags }) => flags.replace(/ [<[].*/, '').split(', '))
    for (const example of page.examples) {
      const [, line] = new RegExp(`drumline ${page.name}( [^|&#]*|$)`).exec(example) ?? []
      expect(line, example).toBeDefined()
      const own = line?.split(/ {3}| -- /)[0] ?? ''
      for (const [flag] of own.matchAll(/(?<= )--?[a-z][a-z-]*/g)) expect(known, example).toContain(flag)
    }
  })
})

test('no two flags share an environment variable by accident', () => {
  const twins = new Map<string, Set<string>>()
  const add = ({ flags, twin }: Page['flags'][number]) => {
    const long = /--[a-z-]+/.exec(flags)?.[0] ?? flags
    twins.set(twin, (twins.get(twin) ?? new Set()).add(long))
  }
  for (const { page } of commands) page.flags.forEach(add)
  expect([...twins].filter(([, flags]) => flags.size > 1)).toEqual([])
})

test('no command at all is wrong usage, with the help on stderr', async () => {
  const { code, stderr } = await run()
  expect(code).toBe(2)
  expect(stderr).toContain('Usage: drumline')
})

test('--version prints the version', async () => {
  expect(await run('--version')).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
})
