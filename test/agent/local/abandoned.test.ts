import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Workspace } from '../../../src/agent/local/workspace.ts'
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
})

describe('what is not known to be abandoned stays:', () => {
  test.each([
    ['of an agent that lives', {}],
    ['of another machine', { host: 'another', pid: 1, started: '1' }],
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

// The superuser may write everywhere, so the case needs somebody else's rights.
test('a workspace with folders nobody may write is removed by an ordinary user, too', async () => {
  await chmod(stage.root, 0o777)
  const superuser = process.getuid?.() === 0
  if (superuser) process.seteuid?.(65_534)
  try {
    const workspace = await Workspace.create(stage.root)
    const deep = join(workspace.workspace, 'cache/deep')
    await mkdir(deep, { recursive: true })
    await writeFile(join(deep, 'file'), '')
    for (const folder of [deep, join(deep, '..')]) await chmod(folder, 0o500)
    await expect(rm(workspace.root, { recursive: true })).rejects.toThrow('EACCES')
    await workspace.remove()
    expect(existsSync(workspace.root)).toBe(false)
  } finally {
    if (superuser) process.seteuid?.(0)
  }
})
