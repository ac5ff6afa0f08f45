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
    (code >= 0x20000 && code <= 0x3fffd)
  return wide ? 2 : 1
}

/** Cuts a text without escapes to so many cells, with a mark where it was cut. */
export function clipTo(text: string, most: number, mark: string): string {
  if (most <= 0) return ''
  let used = 0
  let kept = ''
  for (const character of text) {
    const size = cells(character)
    if (used + size > most) return cut(kept, most, mark)
    used += size
    kept += character
  }
  return kept
}

function cut(kept: string, most: number, mark: string): string {
  const characters = [...kept]
  let used = characters.reduce((sum, character) => sum + cells(character), 0)
  while (characters.length > 0 && used + mark.length > most) used -= cells(characters.pop() ?? '')
  return characters.join('') + mark
}
