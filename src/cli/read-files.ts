import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { WorkflowFile } from '../workflow/index.ts'
import { usage } from './errors.ts'

/** Reads workflow files; `-` is the standard input. */
export async function readFiles(paths: readonly string[], input: NodeJS.ReadableStream): Promise<WorkflowFile[]> {
  if (paths.filter((path) => path === '-').length > 1) throw usage('the standard input can be read once: give - once')
  return Promise.all(
    paths.map(async (path) => {
      if (path === '-') return { name: 'stdin', text: await readAll(input) }
      return { name: path, text: await readText(path) }
    }),
  )
}

/** Reads a file that must be there; `name` is what the error calls it, such as `--token-file PATH`. */
export async function readText(path: string, name = path): Promise<string> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usage(`cannot read ${name}: ${whyNot(error)}`)
  })
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  return code === 'EACCES' ? 'permission denied' : message
}
