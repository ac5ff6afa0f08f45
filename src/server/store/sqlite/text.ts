/** A code point that is assigned to nothing, for ever. */
const MARK = '\u{10FFFF}'

/** Log text as it is stored: exactly reversible, without the NUL at which the driver would cut it. */
export function toStored(text: string): string {
  if (!text.includes('\0') && !text.includes(MARK)) return text
  return text.replaceAll(MARK, `${MARK}1`).replaceAll('\0', `${MARK}0`)
}

export function fromStored(stored: string): string {
  if (!stored.includes(MARK)) return stored
  return stored.replaceAll(`${MARK}0`, '\0').replaceAll(`${MARK}1`, MARK)
}
