import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { cloneCommands } from '../../../src/agent/local/clone.ts'
import type { Clone } from '../../../src/protocol/index.ts'
import { argumentsIn, GitServer, type GitServerOptions, git, listening } from '../../support/git-server.ts'
import type { RecordingJob } from '../../support/recording-job.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
/** A bare repository `repo.git`: three commits on `main`, of them the second is tagged; another branch; a pull request. */
let root = ''
let file = ''
const commits: string[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'clone-'))
  const work = join(root, 'work')
  await mkdir(work)
  git(work, 'init', '--quiet', '--initial-branch=main', '.')
  const commit = async (text: string) => {
    await writeFile(join(work, 'file'), `${text}\n`)
    git(work, 'add', 'file')
    git(work, 'commit', '--quiet', '-m', text)
    commits.push(git(work, 'rev-parse', 'HEAD'))
  }
  for (const text of ['one', 'two', 'three']) await commit(text)
  git(work, 'tag', '-a', 'v2', '-m', 'second', commits[1] ?? '')
  git(work, 'checkout', '--quiet', '-b', 'side/branch')
  await commit('side')
  git(work, 'update-ref', 'refs/pull/7/head', commits[0] ?? '')
  git(work, 'checkout', '--quiet', 'main')
  git(root, 'clone', '--quiet', '--mirror', 'work', 'repo.git')
  git(join(root, 'repo.git'), 'config', 'uploadpack.allowAnySHA1InWant', 'true')
  file = `file://${join(root, 'repo.git')}`
})
afterAll(() => rm(root, { recursive: true, force: true }))

interface Cloning {
  secrets?: Record<string, string>
  environment?: Record<string, string>
  commands?: string[]
}

/** A workflow that clones and then runs these commands. */
function cloning(clone: Clone, { secrets = {}, environment = {}, commands = [] }: Cloning = {}) {
  const steps = [
    { name: 'clone', clone },
    { name: 'a', commands },
  ]
  return stage.job({ steps, secrets, workflow: { environment } })
}

async function served(options: Partial<GitServerOptions> = {}): Promise<string> {
  const server = new GitServer({ root, ...options })
  onTestFinished(() => server.close())
  return `${await server.listen()}/repo.git`
}

/** What stands in the workspace after a clone: the file, how many commits, which one, on which branch. */
const LOOK = ['cat file; git rev-list --count HEAD; git rev-parse HEAD; git branch --show-current']

const looked = (job: RecordingJob) => job.text('a', 'out').split('\n').filter(Boolean)

describe('a clone', () => {
  test('fills the workspace with the default branch, one commit of it, and says what it does', async () => {
    const job = await stage.run(cloning({ url: file }, { commands: [...LOOK, 'pwd; ls -A; git status --short'] }))
    expect(job.outcomes).toEqual(['clone success', 'a success'])
    const lines = looked(job)
    expect(lines.slice(0, 4)).toEqual(['three', '1', commits[2], 'main'])
    expect(lines[4]).toMatch(/\/workspace$/)
    expect(lines.slice(5)).toEqual(['.git', 'file'])
    expect(job.text('clone', 'command')).toBe(`+ git clone --depth 1 -- ${file} .\n`)
    expect(job.text('clone', 'err')).toBe("Cloning into '.'...\n")
  })

  test.each([
    ['a branch', { ref: 'side/branch' }, ['side', '1', 3, 'side/branch']],
    ['a tag', { ref: 'v2' }, ['two', '1', 1]],
    ['a commit', { ref: 0 }, ['one', '1', 0]],
    ['a commit with all of the history', { ref: 1, depth: 0 }, ['two', '2', 1]],
    ['a full ref', { ref: 'refs/pull/7/head' }, ['one', '1', 0]],
    ['a full ref with all of the history', { ref: 'refs/heads/main', depth: 0 }, ['three', '3', 2]],
    ['some of the history', { depth: 2 }, ['three', '2', 2, 'main']],
    ['all of the history', { depth: 0 }, ['three', '3', 2, 'main']],
  ] as const)('of %s is that', async (_, { ref, depth }: { ref?: string | number; depth?: number }, want) => {
    const commit = (given: string | number | undefined) => (typeof given === 'number' ? commits[given] : given)
    const named = commit(ref)
    const clone = { url: await served(), ...(named && { ref: named }), ...(depth !== undefined && { depth }) }
    const job = await stage.run(cloning(clone, { commands: LOOK }))
    expect(job.text('clone', 'system')).toBe('')
    expect(looked(job)).toEqual(want.map(commit))
  })

  test('leaves its submodules to the steps', async () => {
    const outer = join(root, 'outer')
    await mkdir(outer)
    git(outer, 'init', '--quiet', '.')
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', file, 'inner')
    git(outer, 'commit', '--quiet', '-m', 'with inner')
    const job = await stage.run(cloning({ url: `file://${outer}` }, { commands: ['ls inner'] }))
    expect(job.outcomes).toEqual(['clone success', 'a success'])
    expect(job.text('a', 'out')).toBe('')
  })

  test('that fails ends with the words and the code of git, and nothing is run on it', async () => {
    const job = await stage.run(cloning({ url: `file://${root}/none.git` }, { commands: ['true'] }))
    expect(job.outcomes).toEqual(['clone failure', 'a skipped'])
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: 128 })
    expect(job.text('clone', 'err')).toContain('none.git')
  })

  test('of a ref that is not there says which', async () => {
    const job = await stage.run(cloning({ url: file, ref: 'nowhere' }))
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: 128 })
    expect(job.text('clone', 'err')).toContain('Remote branch nowhere not found')
  })

  test('without git on the agent fails with 127 and says what was looked for', async () => {
    const bin = join(stage.scratch, 'bin')
    await mkdir(bin)
    await symlink('/bin/sh', join(bin, 'sh'))
    const job = await stage.run(cloning({ url: file }), { baseEnv: { PATH: bin } })
    const error = `a clone takes git: no program git on this agent's PATH, ${bin}`
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: 127, error })
    expect(job.text('clone')).toBe(`${error}\n`)
  })

  test('is ended by a cancel, with all of its processes', async () => {
    let begun = () => {}
    const asked = new Promise<void>((resolve) => {
      begun = resolve
    })
    const url = await served({
      onRequest: () => {
        begun()
        return new Promise(() => {})
      },
    })
    const job = cloning({ url })
    const done = stage.run(job)
    await asked
    expect((await stage.processes()).length).toBeGreaterThan(1)
    job.stop()
    await done
    expect(job.ended('clone')).toEqual({ state: 'canceled', exitCode: 143 })
  })

  test('sees the environment of the workflow, not its secrets', async () => {
    const bin = join(stage.scratch, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'git'), '#!/bin/sh\nenv\n', { mode: 0o755 })
    const options = { secrets: { OTHER: 'other-secret' }, environment: { HTTPS_PROXY: 'http://proxy' } }
    const job = await stage.run(cloning({ url: file }, options), { baseEnv: { PATH: `${bin}:${process.env.PATH}` } })
    const seen = job.text('clone', 'out').split('\n')
    expect(seen).toContain('HTTPS_PROXY=http://proxy')
    expect(seen).toContain('GIT_TERMINAL_PROMPT=0')
    expect(seen.filter((line) => line.includes('OTHER') || line.includes('********'))).toEqual([])
  })
})

describe('the secret of a clone', () => {
  const TOKEN = 'abcd-1234-token'

  test('opens the repository, and is in no argument, no file and no other step', async () => {
    const seen: string[] = []
    const url = await served({
      login: `git:${TOKEN}`,
      onRequest: () => void seen.push(...argumentsIn(stage.root)),
    })
    const commands = ['cat .git/config; git remote -v; ls -A "$HOME"', 'env', 'cat file']
    const secrets = { GIT_TOKEN: `${TOKEN}\n`, OTHER: 'other-value' }
    const job = await stage.run(cloning({ url, secret: 'GIT_TOKEN' }, { secrets, commands }))
    expect(job.outcomes).toEqual(['clone success', 'a success'])
    expect(job.text('a', 'out').endsWith('three\n')).toBe(true)
    expect(seen.join('\n')).toContain('git clone')
    expect(seen.join('\n')).not.toContain(TOKEN)
    expect(job.text('a')).not.toMatch(/1234|GIT_TOKEN|DRUMLINE_GIT/)
    // A step's own secrets stand there, as stars.
    expect(job.text('a', 'out')).toContain('OTHER=********')
  })

  test('goes with the name that stands in the URL', async () => {
    const url = (await served({ login: `ann@ex:${TOKEN}` })).replace('//', '//ann%40ex@')
    const job = await stage.run(cloning({ url, secret: 'GIT_TOKEN' }, { secrets: { GIT_TOKEN: TOKEN } }))
    expect(job.outcomes[0]).toBe('clone success')
  })

  test.each([
    ['wrong', { GIT_TOKEN: 'wrong-token' }, 'Authentication failed'],
    ['of several lines', { GIT_TOKEN: `wrong\n${TOKEN}` }, 'Authentication failed'],
  ])('that is %s fails in the words of git, which asks nobody', async (_, secrets, error) => {
    const url = await served({ login: `git:${TOKEN}` })
    const job = await stage.run(cloning({ url, secret: 'GIT_TOKEN' }, { secrets }))
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: 128 })
    expect(job.text('clone', 'err')).toContain(error)
  })

  test('that was not given fails the clone by name', async () => {
    const job = await stage.run(cloning({ url: await served(), secret: 'GIT_TOKEN' }))
    const error = 'the secret "GIT_TOKEN" has no value'
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: null, error })
  })

  test('is missed where the repository wants one, and nobody is asked', async () => {
    const job = await stage.run(cloning({ url: await served({ login: `git:${TOKEN}` }) }))
    expect(job.ended('clone')).toEqual({ state: 'failure', exitCode: 128 })
    expect(job.text('clone', 'err')).toContain('could not read Username')
  })

  test('is not given to another server that this one sends git on to', async () => {
    const given: (string | undefined)[] = []
    const other = await listening((request, response) => {
      given.push(request.headers.authorization)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="other"' }).end()
    })
    const first = await listening((request, response) => {
      response.writeHead(302, { location: `${other}${request.url}` }).end()
    })
    const job = await stage.run(
      cloning({ url: `${first}/repo.git`, secret: 'GIT_TOKEN' }, { secrets: { GIT_TOKEN: TOKEN } }),
    )
    expect(job.ended('clone').exitCode).toBe(128)
    expect(given.length).toBeGreaterThan(0)
    expect(given.filter((value) => value !== undefined)).toEqual([])
  })
})

test('no URL and no ref is anything but one word to the shell', () => {
  const url = "https://ex.com/a;touch b'$(id)`id`"
  expect(cloneCommands({ url, ref: '$(id)', depth: 0 })).toEqual([
    `git clone --branch '$(id)' -- 'https://ex.com/a;touch b'\\''$(id)\`id\`' .`,
  ])
})
