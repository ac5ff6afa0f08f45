import { createHash } from 'node:crypto'
import { link, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nanoid } from 'nanoid'
import { z } from 'zod'
import { isCode, writeWhole } from './files.ts'
import { fateOf, Owner, ownerOf } from './owner.ts'
import { holdPipe } from './pipes.ts'

const ATTEMPTS = 20

/** Who has it, and the name of the pipe that it holds. */
const Holder = Owner.extend({ pipe: z.string() })
type Holder = z.infer<typeof Holder>

/** Somebody else has the directory. */
export class InUseError extends Error {
  override readonly name = 'InUseError'
}

export interface Lock {
  /** Gives the directory back. */
  release(): Promise<void>
}

/**
 * Takes a directory for this process. The file names its holder; one whose holder is gone is taken over. Rejects with
 * `InUseError`.
 */
export async function lockDirectory(file: string): Promise<Lock> {
  const mine = `${file}.${nanoid()}`
  const pipe = `${mine}.held`
  const close = await holdPipe(pipe)
  const letGo = async () => {
    await close()
    await rm(pipe, { force: true })
  }
  try {
    const holder: Holder = { ...(await ownerOf(process.pid)), pipe: basename(pipe) }
    await writeWhole(mine, JSON.stringify(holder))
    await take(mine, file)
  } catch (error) {
    await letGo()
    throw error
  } finally {
    await rm(mine, { force: true })
  }
  return {
    async release() {
      await rm(file, { force: true })
      await letGo()
    },
  }
}

/** The folder may have another path in another container. */
function pipeOf({ pipe }: Holder, file: string): string {
  return join(dirname(file), basename(pipe))
}

/** `mine` is the text of a lock of this process. Rejects with `InUseError` if somebody alive has it. */
async function take(mine: string, file: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await linked(mine, file)) return
    const text = await read(file)
    if (text === undefined) continue
    const holder = holderIn(text)
    if (holder !== undefined) await refuseIfAlive(holder, file)
    await bury(mine, file, text)
    // Others may be at the same.
    await sleep(Math.random() * attempt * 10)
  }
  throw new InUseError(`${file} is being taken by others`)
}

/**
 * Removes the lock of a holder that is gone. Two who have both seen it must not both remove it, since the second would
 * remove the first's own: only whoever has the lock named after its text may, and looks once more. That lock is like any
 * other, so one who dies over it is buried in turn.
 */
async function bury(mine: string, file: string, text: string): Promise<void> {
  const right = `${file}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  try {
    await take(mine, right)
  } catch (error) {
    if (error instanceof InUseError) return
    throw error
  }
  try {
    if ((await read(file)) !== text) return
    const holder = holderIn(text)
    if (holder !== undefined) await rm(pipeOf(holder, file), { force: true })
    await rm(file, { force: true })
  } finally {
    await rm(right, { force: true })
  }
}

/** A hard link comes whole or not at all, and never replaces. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function refuseIfAlive(holder: Holder, file: string): Promise<void> {
  const fate = await fateOf(holder, pipeOf(holder, file))
  if (fate === 'alive') throw new InUseError(`it is in use by process ${holder.pid} (${file})`)
  if (fate === 'gone') return
  const who = `process ${holder.pid} of ${holder.host}, another machine`
  throw new InUseError(`it was taken by ${who}; if that is gone for good, remove ${file}`)
}

function holderIn(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
