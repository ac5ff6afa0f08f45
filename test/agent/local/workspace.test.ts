import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Workspace } from '../../../src/agent/local/workspace.ts'
import { silentLog } from '../../../src/protocol/index.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
const step = (name: string, command: string, more = {}) => ({ name, commands: [command], ...more })

/** With the rights of an ordinary user, whom the system may refuse something. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  for (const folder of [stage.root, stage.scratch]) await chmod(folder, 0o777)
  const superuser = process.getuid?.() === 0
  if (superuser) process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    if (superuser) process.seteuid?.(0)
  }
}

describe('a workspace', () => {
  test('is private, and another one for every attempt', async () => {
    const found: string[] = []
    for (let attempt = 0; attempt < 2; attempt++) {
      const job = await stage.commands('stat -c %a .. . ../home ../tmp', 'pwd')
      const lines = job.text('a', 'out').trim().split('\n')
      expect(lines.slice(0, 4)).toEqual(['700', '700', '700', '700'])
      found.push(lines[4] ?? '')
    }
    expect(new Set(found).size).toBe(2)
  })

  test('begins empty, as do HOME and TMPDIR', async () => {
    const job = await stage.commands('find . "$HOME" "$TMPDIR" -mindepth 1')
    expect(job.text('a', 'out')).toBe('')
  })

  test('is removed with what nobody may write', async () => {
    await stage.commands('mkdir -p cache/deep; touch cache/deep/file; chmod -R a-w cache', 'false')
  })

  test('is removed with links, but not with what they lead to', async () => {
    await writeFile(join(stage.scratch, 'kept'), '')
    await stage.commands(`ln -s ${stage.scratch} link; ln -s ${stage.scratch}/kept "$HOME"; ln -s / root`)
    expect(existsSync(join(stage.scratch, 'kept'))).toBe(true)
  })

  test('is removed with names of every sort', async () => {
    const job = await stage.commands(String.raw`touch "$(printf 'a\nb')" ./-rf '*' ' ' "$(printf '\377')"; mkfifo pipe`)
    expect(job.outcomes).toEqual(['a success'])
  })

  test('is removed with folders so deep that the system takes no path to them', async () => {
    const name = '0123456789'.repeat(20)
    const dig = `for i in {1..25}; do mkdir ${name}; cd ${name}; done 2>/dev/null; pwd | wc -c`
    const job = await stage.run(stage.job({ steps: [step('a', dig, { image: 'bash' })] }))
    expect(Number(job.text('a', 'out'))).toBeGreaterThan(4096)
  })

  test('is gone when the job is canceled before it begins', async () => {
    const job = stage.job({ steps: [step('a', 'true'), step('b', 'true')] })
    job.stop()
    await stage.run(job)
    expect(job.events).toEqual(['end a canceled', 'end b canceled'])
  })

  test('stands in the root that was named, made if need be', async () => {
    const root = join(stage.scratch, "it's/new")
    const job = await stage.run(stage.job({ steps: [step('a', 'pwd')] }), { root })
    expect(job.text('a', 'out')).toContain("/it's/new/drumline-")
    expect(job.outcomes).toEqual(['a success'])
    expect(await readdir(root)).toEqual([])
  })

  test('that a step removes fails the next step in a sentence, and its removal is no trouble', async () => {
    const steps = [step('a', 'rm -rf "$CI_WORKSPACE"'), step('b', 'true')]
    const job = await stage.run(stage.job({ steps }))
    const error = 'the workspace is not there: a step has removed it'
    expect(job.ended('b')).toEqual({ state: 'failure', exitCode: null, error })
    expect(job.text('b')).toBe(`${error}\n`)
  })

  test('that a step makes useless to the agent fails the next step in a sentence', async () => {
    const steps = [step('a', 'rm -rf "$HOME/../steps"; echo >"$HOME/../steps"'), step('b', 'true')]
    const job = await stage.run(stage.job({ steps }))
    expect(job.outcomes).toEqual(['a success', 'b failure'])
    expect(job.ended('b').error).toMatch(/^the agent could not run this step: E\w+: .*steps/)
    expect(job.text('b', 'system')).toBe(`${job.ended('b').error}\n`)
  })
})

describe('a workspace that cannot be made fails the workflow in a sentence', () => {
  test('where the root is a file', async () => {
    const root = join(stage.scratch, 'file')
    await writeFile(root, '')
    await expect(stage.run(stage.job({ steps: [step('a', 'true')] }), { root })).rejects.toThrow(
      `the agent cannot make a workspace in ${root}: EEXIST`,
    )
  })

  test('where nobody may write', () =>
    asOrdinaryUser(async () => {
      const locked = join(stage.scratch, 'locked')
      await mkdir(locked, { mode: 0o500 })
      const root = join(locked, 'new')
      await expect(Workspace.create(root)).rejects.toThrow(`the agent cannot make a workspace in ${root}: EACCES`)
    }))
})

test('a workspace is told of before anything is in it', async () => {
  const told: [folder: string, names: string[]][] = []
  const made = (folder: string) => void told.push([folder, readdirSync(folder)])
  const workspace = await Workspace.create(stage.root, { made })
  expect(told).toEqual([[workspace.root, []]])
  await workspace.remove()
})

describe('a workspace that cannot be removed', () => {
  test('is named in the log, and what the work came to stands', () =>
    asOrdinaryUser(async () => {
      const root = join(stage.scratch, 'root')
      await mkdir(root, { mode: 0o700 })
      const said: object[] = []
      const log = { ...silentLog, warn: (fields: object, text: string) => void said.push({ ...fields, text }) }
      const job = stage.job({ steps: [step('a', 'echo up')], onWrite: () => chmodSync(root, 0o500) })
      await stage.run(job, { root, log })
      await chmod(root, 0o700)
      expect(job.outcomes).toEqual(['a success'])
      const folder = expect.stringMatching(/root\/drumline-/)
      const error = expect.objectContaining({ code: 'EACCES' })
      expect(said).toEqual([{ workflow: 'wf-1', folder, error, text: 'could not remove a workspace' }])
    }))

  // The superuser may write everywhere, so the case needs somebody else's rights.
  test('by plain means, for folders nobody may write, is removed by an ordinary user, too', () =>
    asOrdinaryUser(async () => {
      const workspace = await Workspace.create(stage.root)
      const deep = join(workspace.workspace, 'cache/deep')
      await mkdir(deep, { recursive: true })
      await writeFile(join(deep, 'file'), '')
      for (const folder of [deep, join(deep, '..')]) await chmod(folder, 0o500)
      await expect(rm(workspace.root, { recursive: true })).rejects.toThrow('EACCES')
      await workspace.remove()
      expect(existsSync(workspace.root)).toBe(false)
    }))
})
