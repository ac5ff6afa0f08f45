/** Where a secret stands in a text: from, up to but without. */
export type Stretch = readonly [from: number, to: number]

/** Shorter values would blot out half of every log. */
const SHORTEST = 4

/** The values that nobody may read in a log: each line of more than three characters of each secret. */
export class Secrets {
  readonly #values: readonly string[]
  /** Whether there is any at all: nearly every text has none. */
  readonly #any: RegExp
  readonly #firsts: ReadonlySet<string>
  readonly #longest: number

  constructor(secrets: Readonly<Record<string, string>>) {
    const lines = Object.values(secrets).flatMap((value) => value.split('\n'))
    // Without the space around it: a shell that splits words drops that.
    const values = lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST)
    this.#values = [...new Set(values.flatMap(formsOf))]
    this.#any = new RegExp(this.#values.map(literal).join('|'))
    this.#firsts = new Set(this.#values.map((value) => value.charAt(0)))
    this.#longest = Math.max(0, ...this.#values.map((value) => value.length))
  }

  get empty(): boolean {
    return this.#values.length === 0
  }

  /** All of them, in order; those that overlap as one. */
  in(text: string): Stretch[] {
    if (this.empty || !this.#any.test(text)) return []
    const found = this.#values.flatMap((value) => occurrences(value, text)).sort(([a], [b]) => a - b)
    const joined: [number, number][] = []
    for (const [from, to] of found) {
      const last = joined.at(-1)
      if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to)
      else joined.push([from, to])
    }
    return joined
  }

  /** How many characters at the end of the text may be the beginning of a secret that the next text completes. */
  beginningAtEndOf(text: string): number {
    // No secret has a newline in it.
    const most = Math.min(this.#longest - 1, text.length - 1 - text.lastIndexOf('\n'))
    for (let at = text.length - most; at < text.length; at++) {
      if (!this.#firsts.has(text.charAt(at))) continue
      const end = text.slice(at)
      if (this.#values.some((value) => value.length > end.length && value.startsWith(end))) return end.length
    }
    return 0
  }
}

/** As it is, and as programs write it that quote what they show: JSON, and `set -x` of bash and of dash. */
function formsOf(value: string): string[] {
  return [value, JSON.stringify(value).slice(1, -1), value.replaceAll("'", "'\\''"), value.replaceAll("'", `'"'"'`)]
}

/** Also those that overlap each other. */
function occurrences(value: string, text: string): Stretch[] {
  const found: Stretch[] = []
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) found.push([at, at + value.length])
  return found
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
