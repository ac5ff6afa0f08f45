import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import type { Page } from '../../src/cli/page.ts'
import { runProgram } from '../../src/cli/program.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { FakeWorld } from './fake-world.ts'

/** Every command, with everything that can be wrong about it. A new command is in here by itself. */

const folder = mkdtempSync(join(tmpdir(), 'drumline-refusals-'))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const good = file('good.yaml', 'steps:\n  - {name: a, commands: x}\n')
const broken = file('broken.yaml', 'steps:\n  - {name: a, commands: x}\n  - {nam: b}\n')

const pages = (await Promise.all(Object.values(COMMANDS).map(({ load }) => load())))
  .flatMap(({ page }) => (page.members.length > 0 ? page.members : [page]))
  .filter(({ name }) => name !== 'complete')
const groups = ['queue', 'token']
/** What hinders it is its answer: `doctor.test.ts`. */
const isDoctor = ({ name }: Page) => name === 'doctor'

/** What makes a command line whole: an argument of each kind, and what else it cannot do without. */
const ARGUMENTS: Record<string, string> = {
  file: good,
  workflow: 'nobody',
  'live workflow': 'nobody',
  agent: 'nobody',
  credential: 'nobody',
}
const NEEDED: Record<string, string[]> = { 'token create': ['--role', 'viewer'], top: ['--once'] }

function whole({ name, args }: Page): string[] {
  const given = args.map(([spec, , completes]) => {
    if (spec === '[url]') return 'http://127.0.0.1:9'
    return typeof completes === 'string' ? (ARGUMENTS[completes] ?? '') : 'bash'
  })
  return [...name.split(' '), ...given, ...(NEEDED[name] ?? [])]
}

function takes({ flags }: Page, flag: string): boolean {
  return flags.some((one) => one.flags.includes(flag))
}

let server: Server
beforeAll(async () => {
  server = await startServer({ port: 0, data: join(folder, 'data') })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** On this server, as the admin, unless the environment says otherwise. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const known = { DRUMLINE_URL: server.url, DRUMLINE_DATA: join(folder, 'data') }
  const world = new FakeWorld(args, { env: { ...known, ...env }, terminal: args[0] === 'agent' })
  const code = await runProgram(world)
  return { code, stdout: world.stdout.text, stderr: world.stderr.text }
}

/** Ends as documented, in few words, with and without `--json`. */
async function refuses(args: readonly string[], code: number, env: Record<string, string> = {}, json = true) {
  const plain = await run(args, env)
  expect(plain).toMatchObject({ code, stdout: '' })
  const lines = plain.stderr.trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^(drumline: |\S+:\d+:\d+: ).{10}/)
  expect(lines.length).toBeLessThanOrEqual(3)
  expect(plain.stderr).not.toMatch(/\n\s+at |should not have happened|undefined|\[object/)
  if (!json) return plain.stderr
  const machine = await run([...args, '--json'], env)
  expect(machine).toMatchObject({ code, stdout: '' })
  const { error, ...rest } = JSON.parse(machine.stderr)
  expect(rest).toEqual({})
  expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z_]+$/), message: expect.stringMatching(/.{10}/) })
  return plain.stderr
}

const named = (some: readonly Page[]) => some.map((page) => ({ name: page.name, page }))

describe('a missing argument is 2, and names it', () => {
  const required = pages.filter(({ args }) => args.some(([spec]) => spec.startsWith('<')))
  test.each(named(required))('$name', async ({ page }) => {
    expect(await refuses(page.name.split(' '), 2)).toContain(`see \`drumline ${page.name.split(' ')[0]}`)
  })

  test.each(groups)('%s without its second word', async (name) => {
    expect(await refuses([name], 2)).toMatch(/give one of \w+, /)
  })

  test('token create without a role', async () => {
    expect(await refuses(['token', 'create'], 2)).toContain('--role is missing')
  })
})

describe('a wrong flag is 2', () => {
  test.each(named(pages))('$name', async ({ page }) => {
    expect(await refuses([...whole(page), '--nonsense'], 2)).toContain("unknown option '--nonsense'")
  })
})

describe('an argument too many is 2', () => {
  const bounded = pages.filter(({ args }) => !args.some(([spec]) => spec.includes('...')))
  test.each(named(bounded))('$name', async ({ page }) => {
    expect(await refuses([...whole(page), 'more'], 2)).toContain('too many arguments')
  })
})

describe('a wrong value of a flag is 2, from its environment as well', () => {
  const wrong: Record<string, string> = {
    '<n>': 'many',
    '<k=v>': 'novalue',
    '<duration>': '5',
    '<state>': 'done',
    '<role>': 'king',
  }
  const cases = pages.flatMap((page) =>
    page.flags.flatMap(({ flags, twin }) => {
      const [, long = '', spec = ''] = /(--[a-z-]+)(?: (<.*>))?$/.exec(flags) ?? []
      const value = spec === '' ? undefined : wrong[spec]
      const line = `${page.name} ${long}`
      if (spec === '')
        return [{ line, args: whole(page).filter((arg) => arg !== long), twin, value: 'perhaps', inLine: [] }]
      return value === undefined ? [] : [{ line, args: whole(page), twin, value, inLine: [long, value] }]
    }),
  )
  test.each(cases)('$line', async ({ args, twin, value, inLine }) => {
    const [flag] = inLine
    const bare = args.filter((arg) => arg !== flag && !(flag === '--role' && arg === 'viewer'))
    expect(await refuses(bare, 2, { [twin]: value }, twin !== 'DRUMLINE_JSON')).toContain(`${twin} must be`)
    if (flag !== undefined) expect(await refuses([...bare, ...inLine], 2)).toContain(`${flag} must be`)
  })

  test.each(named(pages.filter((page) => takes(page, '--url'))))('$name --url', async ({ page }) => {
    const args = whole(page).filter((arg) => !arg.startsWith('http:'))
    expect(await refuses([...args, '--url', 'ci'], 2)).toContain('--url must be an address')
  })
})

describe('a wrong credential is 4', () => {
  const asking = pages.filter((page) => takes(page, '--token-file'))
  test.each(named(asking.filter((page) => !isDoctor(page))))('$name', async ({ page }) => {
    const env = { DRUMLINE_TOKEN: 'drl_wrong' }
    expect(await refuses(whole(page), 4, env, page.name !== 'agent')).toMatch(/refuse|credential/)
  })

  test.each(named(asking))('$name with a token file that cannot be read is 2', async ({ page }) => {
    expect(await refuses([...whole(page), '--token-file', folder], 2)).toContain(`cannot read --token-file ${folder}`)
  })
})

describe('without a server it is 4, and says where it looked', () => {
  // An agent goes on trying.
  const asking = pages.filter((page) => takes(page, '--url') && page.name !== 'agent' && !isDoctor(page))
  test.concurrent.each(named(asking))('$name', async ({ page }) => {
    const world = new FakeWorld(whole(page), {
      env: { DRUMLINE_URL: 'http://127.0.0.1:9', DRUMLINE_TOKEN: 'drl_x' },
      uptimeMs: 3_600_000,
    })
    expect(await runProgram(world)).toBe(4)
    expect(world.stdout.text).toBe('')
    expect(world.stderr.text).toMatch(/^drumline: .*127\.0\.0\.1:9/)
    expect(world.stderr.text.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
  })
})

describe('an unknown id is 4', () => {
  const asking = pages.filter(({ args }) => args.some(([spec]) => spec.startsWith('<id') || spec === '[agent]'))
  test.each(named(asking))('$name', async ({ page }) => {
    expect(await refuses(whole(page), 4)).toContain('nobody')
  })
})

describe('a file that cannot be submitted is 2', () => {
  test.each([
    ['with a mistake', broken, `${broken}:3:6: `],
    ['that is not there', join(folder, 'nowhere.yaml'), 'there is no such file'],
    ['that is a folder', folder, 'it is a folder'],
    ['that cannot be read', '/proc/self/mem', 'cannot read /proc/self/mem'],
    ['without text', file('empty.yaml', ''), `${folder}/empty.yaml:1:1: `],
    ['that is no text', file('binary.yaml', '\0\u0001\u0002'), 'binary.yaml'],
  ])('%s', async (_, path, says) => {
    expect(await refuses(['submit', path], 2)).toContain(says)
  })
})

test('whoever may only look cannot change anything: 4', async () => {
  const made = await run(['token', 'create', '--role', 'viewer', '--json'])
  const env = { DRUMLINE_TOKEN: JSON.parse(made.stdout).token as string }
  expect((await run(['list'], env)).code).toBe(0)
  for (const args of [
    ['submit', good],
    ['cancel', 'x'],
    ['requeue', 'x'],
    ['queue', 'pause'],
    ['drain', '--server'],
    ['token', 'list'],
  ]) {
    expect(await refuses(args, 4, env)).toMatch(/is not for a viewer; it takes the credential of an (operator|admin)/)
  }
})
