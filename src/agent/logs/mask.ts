/** Makes secrets unreadable in a text. */
export type Mask = (text: string) => string

const STARS = '********'
/** Shorter values would blot out half of every log. */
const SHORTEST = 4

export const noMask: Mask = (text) => text

/** Masks each value of more than three characters, and each such line of a value of several lines. */
export function maskOf(secrets: Readonly<Record<string, string>>): Mask {
  const values = new Set<string>()
  for (const value of Object.values(secrets)) {
    for (const line of [value.trim(), ...value.split(/\r?\n/)]) if (line.length >= SHORTEST) values.add(line)
  }
  if (values.size === 0) return noMask
  // The longest first: one secret may begin with another.
  const longestFirst = [...values].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map((value) => literal(value)).join('|'), 'gu')
  return (text) => text.replace(pattern, STARS)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
