import { crc32 } from 'node:zlib'

/** Before each payload: its length and its checksum. */
const HEAD_BYTES = 8
/** No entry is longer; a larger number is damage. */
const MOST_BYTES = 1024 * 1024
/** What every payload begins with. */
const BRACE = 0x7b

/** A payload, a JSON object, as the file holds it. */
export function framed(payload: string): Buffer {
  const body = Buffer.from(payload)
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length)
  frame.writeUInt32LE(body.length, 0)
  frame.writeUInt32LE(crc32(body), 4)
  body.copy(frame, HEAD_BYTES)
  return frame
}

/** Whole frames from the beginning of a file: payloads, and where each ends. Stops at the first that is not whole. */
export function* frames(file: Buffer): Generator<{ payload: string; end: number }> {
  for (let at = 0; at < file.length; ) {
    const body = bodyAt(file, at)
    if (body === undefined) return
    at += HEAD_BYTES + body.length
    yield { payload: body.toString('utf8'), end: at }
  }
}

/**
 * Whether a whole frame stands behind `from`: then what lies between is damage, and not merely the write under which the
 * process or the machine died.
 */
export function isFollowed(file: Buffer, from: number): boolean {
  for (let at = from + 1; at < file.length; at++) {
    if (file[at + HEAD_BYTES] === BRACE && bodyAt(file, at) !== undefined) return true
  }
  return false
}

function bodyAt(file: Buffer, at: number): Buffer | undefined {
  if (at + HEAD_BYTES > file.length) return undefined
  const length = file.readUInt32LE(at)
  const end = at + HEAD_BYTES + length
  if (length === 0 || length > MOST_BYTES || end > file.length) return undefined
  const body = file.subarray(at + HEAD_BYTES, end)
  return crc32(body) === file.readUInt32LE(at + 4) ? body : undefined
}
