import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type Comment, type Program, parseSync } from 'oxc-parser'
import { type Import, importsOf } from './imports.ts'

/** One parsed file; `path` is relative to the project and written with slashes. */
export interface Source {
  path: string
  text: string
  program: Program
  comments: Comment[]
  imports: Import[]
}

function parse(path: string, text: string): Source {
  const { program, comments, module, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  return { path, text, program, comments, imports: importsOf(text, module, program) }
}

/** A tree that exists only in a test: path to text. */
export function fakeTree(files: Record<string, string>): Source[] {
  return Object.entries(files).map(([path, text]) => parse(path, text))
}

export function readTree(root: string, folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mts)$/.test(name))
    .map((name) => [folder, ...name.split(sep)].join('/'))
    .sort()
    .map((path) => parse(path, readFileSync(join(root, path), 'utf8')))
}

export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
