import { SHAPE } from '../protocol/index.ts'
import type { Source } from './source.ts'

/** A broken text of many lines has an error in each, and the composer makes them all: seconds, where the size allows it. */
const LINES = 20_000

/** Whether a file is text of a size that may be read; notes why not. */
export function isReadable(source: Source): boolean {
  const { text } = source.file
  if (text.length > SHAPE.fileBytes || new TextEncoder().encode(text).length > SHAPE.fileBytes) {
    source.problem(0, 'the file is larger than 1 MiB; split it')
    return false
  }
  if (hasTooManyLines(text)) {
    source.problem(0, `the file has over ${LINES} lines; put long scripts into files of their own`)
    return false
  }
  // What decoders put in place of bytes that are no UTF-8; a NUL is every second byte of UTF-16.
  const foreign = text.search(/[\0\uFFFD]/)
  if (foreign === -1) return true
  source.problem(foreign, 'the file is not UTF-8 here; save it as UTF-8')
  return false
}

function hasTooManyLines(text: string): boolean {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) if (++lines > LINES) return true
  return false
}
