import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/agent/journal/entries.ts'
import { framed } from '../../../src/agent/journal/frames.ts'
import { type Owner, ownerOf, startOf } from '../../../src/host/index.ts'
import type { Log } from '../../../src/protocol/index.ts'
import { offer } from '../offers.ts'
import { folder, opened } from './folder.ts'

const strays: number[] = []
afterEach(() => {
  for (const pid of strays.splice(0)) end(pid)
})

function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // As it should be.
  }
}

/** A step that goes on although its agent is gone. */
async function orphan(): Promise<{ pid: number; ended: Promise<unknown> }> {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error('sleep was not started')
  strays.push(pid)
  return { pid, ended }
}

interface Left {
  owner?: Partial<Owner>
  groups?: { id: number; started: string }[]
  workspaces?: string[]
  /** Behind all entries. */
  end?: Buffer
}

/** A folder with the journal of an agent that was killed while it ran `l1`. */
async function left({ owner, groups = [], workspaces = [], end: tail = Buffer.alloc(0) }: Left = {}): Promise<string> {
  const directory = folder()
  const entries: Entry[] = [
    { type: 'journal', version: 1, suffix: 'abc123' },
    { type: 'boot', boot: 'before', owner: { ...(await ownerOf(process.pid)), pid: 1, started: '1', ...owner } },
    { type: 'lease', offer: offer('l1') },
    ...groups.map((group): Entry => ({ type: 'group', lease: 'l1', group })),
    ...workspaces.map((path): Entry => ({ type: 'folder', lease: 'l1', path })),
  ]
  const frames = entries.map((entry) => framed(JSON.stringify(entry)))
  writeFileSync(join(directory, 'journal'), Buffer.concat([...frames, tail]))
  return directory
}

async function taken(directory: string) {
  const said: string[] = []
  const say = (_: object, text: string) => void said.push(text)
  const log: Log = { info: say, warn: say, error: say }
  const journal = await opened(directory, { log })
  const leases = journal.inherited.map(({ offer: { lease } }) => lease)
  return { suffix: journal.suffix, replaces: journal.replaces, leases, said: said.join('\n') }
}

const ALL = { suffix: 'abc123', replaces: ['before'], leases: ['l1'] }

describe('a start over the journal of an agent that was killed', () => {
  test('takes up its name, its boots and its leases', async () => {
    expect(await taken(await left())).toMatchObject(ALL)
  })

  test('ends the steps it left, and says so', async () => {
    const { pid, ended } = await orphan()
    const got = await taken(await left({ groups: [{ id: pid, started: startOf(pid) }] }))
    expect(got).toMatchObject(ALL)
    expect(got.said).toContain('killed a step')
    await ended
  })

  test('removes a workspace of it that does not say yet whose it is, and no other', async () => {
    const parent = folder()
    const [own, other] = [join(parent, 'drumline-own'), join(parent, 'drumline-other')]
    for (const path of [own, other]) mkdirSync(join(path, 'held'), { recursive: true })
    const got = await taken(await left({ workspaces: [own, join(parent, 'drumline-gone')] }))
    expect(got.said).toBe('removed what a killed agent left')
    expect(readdirSync(parent)).toEqual(['drumline-other'])
  })

  test('leaves a process alone that has come by its number since', async () => {
    const { pid } = await orphan()
    const got = await taken(await left({ groups: [{ id: pid, started: '1' }] }))
    expect(got).toMatchObject({ ...ALL, said: '' })
    expect(startOf(pid)).not.toBe('')
  })

  test('kills nothing and replaces nobody where it was another machine', async () => {
    const { pid } = await orphan()
    const directory = await left({
      owner: { host: 'elsewhere', boot: 'another' },
      groups: [{ id: pid, started: startOf(pid) }],
    })
    const got = await taken(directory)
    expect(got).toMatchObject({ replaces: [], leases: [] })
    expect(got.suffix).not.toBe('abc123')
    expect(got.said).toContain('another machine')
    expect(startOf(pid)).not.toBe('')
    expect(existsSync(join(directory, 'journal.aside'))).toBe(true)
  })

  test('kills nothing where the machine has been started since, and replaces it', async () => {
    const { pid } = await orphan()
    const got = await taken(await left({ owner: { boot: 'earlier' }, groups: [{ id: pid, started: startOf(pid) }] }))
    expect(got).toMatchObject(ALL)
    expect(startOf(pid)).not.toBe('')
  })

  test('takes a torn end for what it is', async () => {
    const got = await taken(await left({ end: framed('{"type":"gone","lease":"l1"}').subarray(0, 20) }))
    expect(got).toMatchObject(ALL)
    expect(got.said).toContain('which is cut off')
  })

  test('ends what a damaged one names, and replaces nobody: it may have named more', async () => {
    const { pid, ended } = await orphan()
    const hole = Buffer.concat([Buffer.from('oops'), framed('{"type":"gone","lease":"l9"}')])
    const got = await taken(await left({ groups: [{ id: pid, started: startOf(pid) }], end: hole }))
    expect(got).toMatchObject({ replaces: [], leases: [] })
    expect(got.said).toContain('damaged')
    await ended
  })

  test('refuses the journal of a later release, and leaves it as it is', async () => {
    const directory = folder()
    writeFileSync(join(directory, 'journal'), framed('{"type":"journal","version":2,"suffix":"abc123"}'))
    await expect(taken(directory)).rejects.toThrow(/cannot use .* later release/)
    await expect(taken(directory)).rejects.toThrow(/cannot use .* later release/)
  })
})
