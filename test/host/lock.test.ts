import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { holdPipe, InUseError, lockDirectory, makePipes, ownerOf } from '../../src/host/index.ts'

let folder: string
let file: string
const cleanups: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-lock-'))
  file = join(folder, 'x.lock')
})
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
  rmSync(folder, { recursive: true, force: true })
})

const held = async () => {
  const lock = await lockDirectory(file)
  cleanups.push(() => lock.release())
  return lock
}

/** A lock as somebody else left it, with its pipe. */
async function leftBy(holder: object): Promise<string> {
  const pipe = `${file}.other.held`
  await makePipes([pipe])
  const me = await ownerOf(process.pid)
  writeFileSync(file, JSON.stringify({ ...me, pipe: 'x.lock.other.held', ...holder }))
  return pipe
}

describe('the lock of a directory', () => {
  test('is one process’s, and free again when that gives it back', async () => {
    const first = await held()
    await expect(lockDirectory(file)).rejects.toThrow(`in use by process ${process.pid}`)
    await first.release()
    await held()
  })

  test('goes to one of many who want it at once', async () => {
    await leftBy({ pid: 1, started: '1' })
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => held()))
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refusals).toHaveLength(11)
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(InUseError)
  })

  test('is taken over from a process that is gone, and nothing is left of it', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    await leftBy({ pid: child.pid, started: '1' })
    const lock = await held()
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  test('is taken over from a process whose number is another’s by now', async () => {
    await leftBy({ started: '1' })
    await held()
  })

  test('stays with a container that lives, and is taken over from one that does not', async () => {
    const pipe = await leftBy({ host: 'box', world: 'pid:[1]', pid: 1 })
    rmSync(pipe)
    const letGo = await holdPipe(pipe)
    cleanups.push(letGo)
    await expect(lockDirectory(file)).rejects.toBeInstanceOf(InUseError)
    await letGo()
    cleanups.splice(0)
    await held()
  })

  test('of another machine is not judged: the refusal says what to do', async () => {
    await leftBy({ host: 'elsewhere', boot: 'another' })
    await expect(lockDirectory(file)).rejects.toThrow(/process \d+ of elsewhere, another machine; .* remove .*x\.lock/)
    rmSync(file)
    await held()
  })

  test('that was left before the machine was started anew, or half written, is taken over', async () => {
    await leftBy({ boot: 'earlier' })
    await (await held()).release()
    writeFileSync(file, '{"pid":')
    await held()
    expect(existsSync(file)).toBe(true)
  })
})
