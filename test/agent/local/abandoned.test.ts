import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Workspace } from '../../../src/agent/local/workspace.ts'
import { makePipes } from '../../../src/host/index.ts'
import { processesIn } from '../../support/proc.ts'
import { Running } from '../../support/running.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

/** A workspace whose owner is changed to these. */
async function workspaceOf(change: object): Promise<Workspace> {
  const workspace = await Workspace.create(stage.root)
  const file = join(workspace.root, 'owner')
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }))
  return workspace
}

const deadProcess = () => spawnSync('true').pid

function processIn(workspace: Workspace): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: workspace.home }
  return spawn('sh', ['-c', 'sleep 600; true'], { env, detached: true, stdio: 'ignore' })
}

describe('what a killed agent left', () => {
  test('is gone before the next agent runs anything: folder and processes', async () => {
    const workspace = await workspaceOf({ pid: deadProcess() })
    const left = processIn(workspace)
    const ended = once(left, 'exit')
    const job = await stage.commands('ls -a ../..')
    expect(job.text('a', 'out').match(/drumline-/g)).toHaveLength(1)
    expect((await ended)[1]).toBe('SIGKILL')
    expect(await stage.processes()).toEqual([])
  })

  test('is known also where its process id belongs to somebody else by now', async () => {
    const workspace = await workspaceOf({ started: '1' })
    await stage.commands('true')
    expect(existsSync(workspace.root)).toBe(false)
  })

  test('is known after the machine was started again', async () => {
    const workspace = await workspaceOf({ boot: 'an earlier one' })
    await stage.commands('true')
    expect(existsSync(workspace.root)).toBe(false)
  })

  test('is known after its container was started again: nobody reads its pipe', async () => {
    const workspace = await workspaceOf({ host: 'a new name', world: 'pid:[1]', pid: 1, started: '1' })
    const pipe = join(workspace.root, 'held')
    await rm(pipe)
    await makePipes([pipe])
    await stage.commands('true')
    expect(existsSync(workspace.root)).toBe(false)
    await workspace.remove()
  })
})

describe('an agent ended by SIGKILL in the midst of a step', () => {
  const PATH = process.env.PATH ?? ''
  // One in the step's group, one that got out of it.
  const COMMAND =
    'sleep 600 & setsid sleep 601 & until [ "$(cut -d " " -f 6 /proc/$!/stat)" = $! ]; do sleep 0.01; done; pwd; wait'

  async function killable(): Promise<{ agent: Running; folder: string; living: () => Promise<number> }> {
    const script = join(import.meta.dirname, '..', 'killable.mjs')
    const agent = new Running(process.execPath, [script, stage.root, COMMAND], { cwd: stage.scratch, env: { PATH } })
    onTestFinished(() => agent.kill())
    const [folder = ''] = await agent.says(/^\/.*drumline-[^/]+(?=\/workspace$)/m, 25_000)
    return { agent, folder, living: async () => processesIn(folder).length }
  }

  test('leaves work that the next one ends and removes; that of another that lives goes on', {
    timeout: 60_000,
  }, async () => {
    const [killed, lives] = [await killable(), await killable()]
    await killed.agent.kill()
    // Nobody has ended them: the shell, its child, and the one outside.
    expect([await killed.living(), await lives.living()]).toEqual([3, 3])
    await stage.commands('true')
    await waitUntil(async () => (await killed.living()) === 0)
    expect(await readdir(stage.root)).toEqual([basename(lives.folder)])
    expect(await lives.living()).toBe(3)
    expect(lives.agent.ended).toBeUndefined()
    await lives.agent.kill()
    await stage.commands('true')
    await waitUntil(async () => (await lives.living()) === 0)
  })
})

describe('what is not known to be abandoned stays:', () => {
  test.each([
    ['of an agent that lives', {}],
    ['of another machine', { host: 'another', boot: 'another', pid: 1, started: '1' }],
    ['of another container', { world: 'pid:[1]', pid: 1, started: '1' }],
    ['of nobody', { pid: 'none' }],
  ])('a folder %s', async (_, change) => {
    const workspace = await workspaceOf(change)
    await stage.commands('true')
    expect(existsSync(workspace.workspace)).toBe(true)
    await workspace.remove()
  })

  test('a link, and what it points to', async () => {
    const elsewhere = join(stage.root, 'elsewhere')
    const workspace = await workspaceOf({ pid: deadProcess() })
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'owner'), await readFile(join(workspace.root, 'owner')))
    await symlink(elsewhere, join(stage.root, 'drumline-link'))
    await stage.commands('true')
    expect(existsSync(join(elsewhere, 'owner'))).toBe(true)
    await rm(elsewhere, { recursive: true })
    await rm(join(stage.root, 'drumline-link'))
  })
})
