import { existsSync } from 'node:fs'
import { isAbsolute, normalize } from 'node:path'
import { IsolationError } from './isolation-error.ts'

/** A path of this machine that sandboxed steps see, too. */
export interface SandboxBind {
  readonly path: string
  /** Steps of all workflows may write there. */
  readonly writable: boolean
}

/** `/path`, `/path:ro` or `/path:rw`. Throws for what is not there. */
export function readBind(word: string): SandboxBind {
  const [, given = '', mode] = /^(.*?)(?::(ro|rw))?$/s.exec(word) ?? []
  if (!isAbsolute(given)) throw new IsolationError(`a sandbox can show only an absolute path, not ${word}`)
  const path = normalize(given).replace(/(?<=.)\/$/, '')
  if (!existsSync(path)) throw new IsolationError(`the sandbox is to show ${path}, which is not there`)
  return { path, writable: mode === 'rw' }
}
