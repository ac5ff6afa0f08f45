/** Cells that a character takes in a terminal: 0 for marks and joiners, 2 for the wide ones, roughly. */
function cells(character: string): number {
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return 0
  const code = character.codePointAt(0) ?? 0
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd) ||
    // Such as ✅; of a flag's two letters each takes one.
    /(?!\p{Regional_Indicator})\p{Emoji_Presentation}/u.test(character)
  return wide ? 2 : 1
}

/** Cells of a text without escapes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += cells(character)
  return width
}

/** Fills a text with spaces to so many cells. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Cuts a text without escapes to so many cells, with a mark where it was cut. */
export function clipTo(text: string, most: number, mark: string): string {
  if (most <= 0) return ''
  if (widthOf(text) <= most) return text
  let used = widthOf(mark)
  let kept = ''
  for (const character of text) {
    used += cells(character)
    if (used > most) break
    kept += character
  }
  return kept + mark
}
