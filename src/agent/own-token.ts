import { randomBytes } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isCode, syncDirectory, writeWhole } from '../host/index.ts'

/** A token that an agent has made itself, so that nobody else has ever seen it. */
export interface OwnToken {
  /** On disk before anybody is told of it. */
  readonly token: string
  /** The server knows it. */
  readonly enrolled: boolean
}

/** The token of an agent's folder, if it has one: `credential`, or `credential.new` until the server has said that it knows it. */
export async function ownToken(directory: string): Promise<OwnToken | undefined> {
  const [good, begun] = [await read(directory, GOOD), await read(directory, BEGUN)]
  if (good !== undefined) return { token: good, enrolled: true }
  return begun === undefined ? undefined : { token: begun, enrolled: false }
}

/** Makes one, in place of one that was not enrolled. */
export async function newOwnToken(directory: string): Promise<OwnToken> {
  const token = `drl_${randomBytes(32).toString('base64url')}`
  await writeWhole(place(directory, BEGUN), `${token}\n`)
  await syncDirectory(resolve(directory))
  return { token, enrolled: false }
}

/** Notes that the server knows it. */
export async function keepOwnToken(directory: string): Promise<void> {
  await rename(place(directory, BEGUN), place(directory, GOOD))
  await syncDirectory(resolve(directory))
}

const GOOD = 'credential'
const BEGUN = 'credential.new'

function place(directory: string, name: string): string {
  return join(resolve(directory), name)
}

async function read(directory: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(place(directory, name), 'utf8')).trim() || undefined
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
