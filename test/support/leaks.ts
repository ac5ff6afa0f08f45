import { appendFileSync } from 'node:fs'

/** Every secret that Drumline makes begins like this, so it is seen wherever it stands. */
const SECRET = /\bdr[a-z]_[\w-]{40,}/
/** Longer than any: what may be one's beginning at the end of a piece. */
const TAIL = 80
/** Commands whose purpose is to show one, on stdout. */
const SHOWS = /\b(token (create|rotate)|login|conformance .*--listen)\b/
/** Where a secret has its place in the head of an HTTP message. */
const PLACE = /^(authorization|cookie|set-cookie):/i

/** The file in which a run of tests collects what it found; `leaks-setup.ts` makes it and reads it in the end. */
export const LEAKS_FILE = 'DRUMLINE_TEST_LEAKS'

/** Searches what comes in pieces for secrets. */
export class LeakSearch {
  readonly #where: string
  #tail = ''
  #found = false

  constructor(where: string) {
    this.#where = where
  }

  read(piece: string): void {
    if (this.#found) return
    const text = this.#tail + piece
    this.#tail = text.slice(-TAIL)
    const at = text.search(SECRET)
    if (at < 0) return
    this.#found = true
    report(`${this.#where}: …${text.slice(Math.max(0, at - TAIL), at + 8)}…`)
  }
}

/** The searches for what a command prints: on stdout a few may show a secret, on stderr none. */
export function searchesOf(command: string): { stdout: LeakSearch | undefined; stderr: LeakSearch } {
  const stdout = SHOWS.test(command) ? undefined : new LeakSearch(`stdout of ${command}`)
  return { stdout, stderr: new LeakSearch(`stderr of ${command}`) }
}

/** Searches the head of what passes first over a connection: its address, its subprotocol, all but the headers made for it. */
export class HeadSearch {
  readonly #search: LeakSearch
  #head: string | undefined = ''

  constructor(where: string) {
    this.#search = new LeakSearch(where)
  }

  read(piece: Buffer): void {
    if (this.#head === undefined) return
    this.#head += piece.toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0 && this.#head.length < 64 * 1024) return
    for (const line of this.#head.slice(0, end).split('\r\n')) if (!PLACE.test(line)) this.#search.read(`${line}\n`)
    this.#head = undefined
  }
}

function report(what: string): void {
  const file = process.env[LEAKS_FILE]
  if (file !== undefined) appendFileSync(file, `${what.replaceAll('\n', ' ')}\n`)
}
