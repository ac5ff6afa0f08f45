import type { Catalog } from '../catalog.ts'
import { longName, type Page } from '../page.ts'

type FlagSpec = Page['flags'][number]

/** Where on a command line the cursor stands. */
export interface Cursor {
  /** The command it stands in; undefined where its name is still to come. */
  readonly page: Page | undefined
  /** The flag whose value is being written. */
  readonly flag: FlagSpec | undefined
  /** Of the same word, but settled: `--state=`, or the items before in a comma list. */
  readonly before: string
  /** What is written so far. */
  readonly word: string
  /** The arguments before it. */
  readonly args: readonly string[]
  /** The flags before it, by long name; true where none takes a value. */
  readonly flags: ReadonlyMap<string, string | true>
}

/** Reads the words of a command line up to the cursor, without the program's own name. */
export async function cursorAt(words: readonly string[], catalog: Catalog): Promise<Cursor> {
  const [name = '', ...rest] = words
  if (words.length < 2) return { page: undefined, flag: undefined, before: '', word: name, args: [], flags: new Map() }
  const entry = Object.hasOwn(catalog, name) ? catalog[name] : undefined
  const walk = new Walk(entry === undefined ? undefined : (await entry.load()).page)
  for (const word of rest.slice(0, -1)) walk.pass(word)
  return walk.stopAt(rest.at(-1) ?? '')
}

class Walk {
  #page: Page | undefined
  #flag: FlagSpec | undefined
  #onlyArgs = false
  readonly #args: string[] = []
  readonly #flags = new Map<string, string | true>()

  constructor(page: Page | undefined) {
    this.#page = page
  }

  pass(word: string): void {
    if (this.#flag !== undefined) {
      this.#flags.set(longName(this.#flag), word)
      this.#flag = undefined
    } else if (word === '--') this.#onlyArgs = true
    else if (word.startsWith('-') && !this.#onlyArgs) this.#passFlag(word)
    else if ((this.#page?.members.length ?? 0) > 0) this.#page = memberOf(this.#page, word)
    else this.#args.push(word)
  }

  stopAt(word: string): Cursor {
    const inline = /^(--[a-z-]+=)(.*)$/.exec(word)
    const flag = this.#flag ?? (inline === null ? undefined : this.#find(inline[1]?.slice(0, -1) ?? ''))
    const start = this.#flag === undefined && flag !== undefined ? (inline?.[1]?.length ?? 0) : 0
    const comma = flag?.many === true && Array.isArray(flag.completes) ? word.lastIndexOf(',') + 1 : 0
    const at = Math.max(start, comma)
    return {
      page: this.#page,
      flag,
      before: word.slice(0, at),
      word: word.slice(at),
      args: this.#args,
      flags: this.#flags,
    }
  }

  #passFlag(word: string): void {
    const [name = '', ...value] = word.split('=')
    const flag = this.#find(name)
    if (flag === undefined) return
    if (value.length > 0) this.#flags.set(longName(flag), value.join('='))
    else if (takesValue(flag)) this.#flag = flag
    else this.#flags.set(longName(flag), true)
  }

  #find(written: string): FlagSpec | undefined {
    return this.#page?.flags.find(({ flags }) => flags.split(/,? /).includes(written))
  }
}

function memberOf(page: Page | undefined, word: string): Page | undefined {
  return page?.members.find(({ name }) => name === `${page.name} ${word}`)
}

function takesValue({ flags }: FlagSpec): boolean {
  return flags.includes('<')
}
