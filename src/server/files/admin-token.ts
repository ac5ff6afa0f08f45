import { readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isCode, syncDirectory, writeWhole } from '../../host/index.ts'
import { BusError } from '../../protocol/index.ts'
import { ITSELF } from '../store/audit.ts'
import type { Store } from '../store/store.ts'
import { newToken, tokenHash } from '../tokens.ts'

/**
 * The file that the admin finds its token in. File and store are never changed at once, so the new token is on disk
 * beside the file before the store knows it, and takes the file's place after: whenever this process dies, the next start
 * finds one that the store knows.
 */
export class AdminToken {
  readonly #file: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(file: string) {
    this.#file = file
  }

  get #next(): string {
    return `${this.#file}.new`
  }

  /** At the start: makes the one admin credential if there is none, and ends what a killed process has begun. */
  async ensure(store: Store, given: string | undefined): Promise<void> {
    await this.#settle(store)
    if ((await store.namedCredential('admin', 'admin')) !== null) return
    const token = given ?? (await readToken(this.#file)) ?? newToken()
    await writeWhole(this.#next, `${token}\n`)
    await this.#take()
    await store.as(ITSELF).createCredential({ role: 'admin', name: 'admin', labels: {}, tokenHash: tokenHash(token) })
  }

  /** Puts the token into the file once `commit` has let the store know it. One at a time. */
  replace<T>(token: string, commit: () => Promise<T>): Promise<T> {
    const replaced = this.#last.then(() => this.#replace(token, commit))
    this.#last = replaced.catch(() => {})
    return replaced
  }

  async #replace<T>(token: string, commit: () => Promise<T>): Promise<T> {
    await writeWhole(this.#next, `${token}\n`)
    await syncDirectory(dirname(this.#file))
    let answer: T
    try {
      answer = await commit()
    } catch (error) {
      // Unless it may have been committed: then the next start finds out.
      if (error instanceof BusError && error.outcome === 'none') await rm(this.#next)
      throw error
    }
    await this.#take()
    return answer
  }

  async #settle(store: Store): Promise<void> {
    const token = await readToken(this.#next)
    if (token === undefined) return
    const known = await store.findCredential(tokenHash(token))
    if (known?.role === 'admin') await this.#take()
    else await rm(this.#next)
  }

  async #take(): Promise<void> {
    await rename(this.#next, this.#file)
    await syncDirectory(dirname(this.#file))
  }
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
