const encoder = new TextEncoder()

/** UTF-8 bytes of a text. A lone surrogate counts 3, as it is sent. */
export function utf8Length(text: string): number {
  return text.length > 64 ? encoder.encode(text).length : shortLength(text)
}

/** Whether a text has at most `most` UTF-8 bytes; decided by its length alone where that is enough. */
export function fitsBytes(text: string, most: number): boolean {
  if (text.length > most) return false
  return text.length * 3 <= most || utf8Length(text) <= most
}

/** Bytes of the code point that begins at `at`: 1–4; 3 for a lone surrogate. */
export function codePointBytes(text: string, at: number): number {
  const code = text.codePointAt(at) ?? 0
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

function shortLength(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const size = codePointBytes(text, at)
    if (size === 4) at++
    bytes += size
  }
  return bytes
}
