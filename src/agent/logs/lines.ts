import type { LogKind } from '../../protocol/index.ts'
import { LOGS, splitLine } from '../../protocol/index.ts'

/** A stretch of whole lines of one kind, ready to be added to a frame. */
export interface Stretch {
  text: string
  lines: number
  bytes: number
  kind: LogKind
}

/** With its newline a line, or a piece of one, takes at most `LOGS.lineBytes`. */
const LONGEST = LOGS.lineBytes - 1

/**
 * Cuts a text into stretches that fit what `room` says is left, asking it again for each. A line that is too long is cut
 * into pieces whose kind says that they continue.
 */
export function* stretches(
  text: string,
  kind: LogKind,
  room: (kind: LogKind) => { lines: number; bytes: number },
): Generator<Stretch> {
  const whole = text.endsWith('\n') ? text : `${text}\n`
  // Where every character is one byte, lengths are sizes; nearly all logs are so.
  const ascii = Buffer.byteLength(whole) === whole.length
  for (let at = 0; at < whole.length; ) {
    const taken = takeLines(whole, at, ascii, room(kind))
    if (taken.lines > 0) {
      yield { text: whole.slice(at, taken.end), lines: taken.lines, bytes: taken.bytes, kind }
      at = taken.end
    } else {
      const end = whole.indexOf('\n', at)
      yield* pieces(whole.slice(at, end), kind)
      at = end + 1
    }
  }
}

/** As many whole lines from `at` as fit; none if the first is too long or a frame must be closed first. */
function takeLines(
  text: string,
  at: number,
  ascii: boolean,
  room: { lines: number; bytes: number },
): { end: number; lines: number; bytes: number } {
  let end = at
  let lines = 0
  let bytes = 0
  while (end < text.length && lines < room.lines) {
    const next = text.indexOf('\n', end) + 1
    const size = ascii ? next - end : Buffer.byteLength(text.slice(end, next))
    if (size > LOGS.lineBytes || bytes + size > room.bytes) break
    end = next
    lines++
    bytes += size
  }
  return { end, lines, bytes }
}

/** One line as pieces; a short one is a single piece, its last piece has the plain kind. */
function* pieces(line: string, kind: LogKind): Generator<Stretch> {
  const cut = splitLine(line, LONGEST)
  for (const [index, piece] of cut.entries()) {
    const last = index === cut.length - 1
    yield { text: `${piece}\n`, lines: 1, bytes: Buffer.byteLength(piece) + 1, kind: last ? kind : continued(kind) }
  }
}

function continued(kind: LogKind): LogKind {
  return kind.endsWith('+') ? kind : (`${kind}+` as LogKind)
}
