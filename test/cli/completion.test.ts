import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { runProgram } from '../../src/cli/program.ts'
import { type Server, startServer } from '../../src/server/index.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FakeWorld } from './fake-world.ts'

/** The values offered at the end of a command line, written as one text: a space at the end begins a new word. */
async function offered(line: string, env: Record<string, string> = {}): Promise<string[]> {
  const world = new FakeWorld(['complete', '--', ...line.split(' ')], { env })
  expect(await runProgram(world)).toBe(0)
  expect(world.stderr.text).toBe('')
  return world.stdout.text.split('\n').slice(0, -1)
}
const values = async (line: string, env = {}) => (await offered(line, env)).map((row) => row.split('\t')[0])

describe('what a shell is offered', () => {
  test('every command that is for people, with what it does', async () => {
    const commands = Object.keys(COMMANDS).filter((name) => name !== 'complete')
    expect(await values('')).toEqual(commands)
    expect(await offered('sh')).toEqual(['show\tshow a workflow and its steps'])
  })

  test.each([
    ['queue ', ['info', 'pause', 'resume']],
    ['token c', ['create']],
    ['queue info --dat', ['--data']],
    ['--v', ['--version']],
    ['list --st', ['--state']],
    [
      'list --state ',
      ['waiting', 'pending', 'offered', 'running', 'success', 'failure', 'canceled', 'skipped', 'error'],
    ],
    ['list --state=su', ['--state=success']],
    ['list --state pending,wai', ['pending,waiting']],
    ['token create --role o', ['operator']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['completion bash ', ['--help']],
    ['submit pipe', [':file']],
    ['submit a.yaml b', [':file']],
    ['list --token-file ', [':file']],
    ['serve --data ', [':folder']],
    ['submit x --name ', []],
  ])('after %j: %j', async (line, expected) => {
    expect(await values(line)).toEqual(expected)
  })

  test('flags that were not given yet, unless they may be given again', async () => {
    const given = await values('list --limit 5 --label a=b --')
    expect(given).not.toContain('--limit')
    expect(given).toEqual(expect.arrayContaining(['--label', '--state', '--json', '--url', '--help']))
  })

  test('nothing from a server that is not there, without a word', async () => {
    expect(await values('show ', { DRUMLINE_URL: 'http://127.0.0.1:9', DRUMLINE_TOKEN: 'drl_x' })).toEqual([])
    expect(await values('show ', { DRUMLINE_DATA: '/nowhere' })).toEqual([])
  })
})

describe('what only the server knows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drumline-completion-'))
  let server: Server
  let env: Record<string, string>
  const json = async (...args: string[]) => {
    const world = new FakeWorld([...args, '--json'], {
      env,
      stdin: 'name: x\nsteps:\n  - {name: build it, commands: x}\n',
    })
    expect(await runProgram(world)).toBe(0)
    return JSON.parse(world.stdout.text)
  }
  /** A busy machine may need more than the second that a person would wait. */
  const rows = (line: string, given = env) =>
    waitUntil(
      async () => {
        const found = await offered(line, given)
        return found.length > 0 ? found : undefined
      },
      { limitMs: 15_000 },
    )
  const known = async (line: string, given = env) => (await rows(line, given)).map((row) => row.split('\t')[0])
  beforeAll(async () => {
    server = await startServer({ port: 0, data: folder })
    env = { DRUMLINE_URL: server.url, DRUMLINE_DATA: folder }
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('ids of workflows, those that live where only they make sense, and the steps of one', async () => {
    const {
      workflows: [ended],
    } = await json('submit', '-')
    const {
      workflows: [living],
    } = await json('submit', '-')
    await json('cancel', ended.id)
    expect(await known('show ')).toEqual([living.id, ended.id])
    expect(await known('cancel ')).toEqual([living.id])
    expect(await values(`cancel ${living.id} `, env)).toEqual([])
    expect(await rows(`show ${living.id.slice(0, 8)}`)).toEqual([
      expect.stringMatching(new RegExp(`^${living.id}\\tx, pending, \\d+s ago$`)),
    ])
    expect(await known(`logs ${living.id} --step b`)).toEqual(['build it'])
    expect(await known(`show --url ${server.url} --data ${folder} `, {})).toEqual([living.id, ended.id])
  })

  test('agents that can be drained', async () => {
    const peer = await server.peer({
      name: 'build-1',
      platform: 'linux/amd64',
      backend: 'x',
      version: '1',
      capacity: 2,
      labels: {},
    })
    expect(await rows('drain ')).toEqual(['build-1\tonline, runs 0'])
    await peer.close()
  })

  test('credentials that can still be revoked', async () => {
    const { id } = await json('token', 'create', '--role', 'viewer')
    expect(await known('token revoke ')).toContain(id)
    await json('token', 'revoke', id)
    expect(await known('token revoke ')).not.toContain(id)
  })
})
