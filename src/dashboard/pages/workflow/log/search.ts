import type { ResultOf } from '../../../../protocol/index.ts'

type Page = Pick<ResultOf<'logs.search'>, 'lines' | 'next' | 'scanned'>

/** Asks for lines that hold a text: from a line on, or where the page before ended. */
export type AskLines = (
  text: string,
  where: { readonly from: number } | { readonly after: string },
  signal: AbortSignal,
) => Promise<Page>

/** How far a search has come. */
export interface Found {
  /** What is looked for; empty for nothing. */
  readonly text: string
  /** Numbers of the lines that hold it, rising. */
  readonly lines: readonly number[]
  /** The last line that was looked at. */
  readonly scanned: number
  /** False: it goes on by itself. */
  readonly done: boolean
  /** There are more than anybody counts: it has stopped. */
  readonly full: boolean
  /** Why it has stopped before its end, or empty. */
  readonly trouble: string
}

export const NOTHING: Found = { text: '', lines: [], scanned: 0, done: true, full: false, trouble: '' }

/** Lines that are counted. */
const MOST = 100_000

/** Looks through the whole of a log, page by page, and through what comes later. One text at a time. */
export class LogSearch {
  readonly #ask: AskLines
  readonly #onChange: (found: Found) => void
  #found = NOTHING
  #abort = new AbortController()

  constructor(ask: AskLines, onChange: (found: Found) => void) {
    this.#ask = ask
    this.#onChange = onChange
  }

  /** Ends the search before. */
  start(text: string): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#tell({ ...NOTHING, text, done: text === '' })
    if (text !== '') void this.#run(1)
  }

  /** There are so many lines now. Does nothing while it is looking. */
  grown(lines: number): void {
    const { text, scanned, done, full } = this.#found
    if (text === '' || !done || full || lines <= scanned) return
    this.#tell({ ...this.#found, done: false })
    void this.#run(scanned + 1)
  }

  close(): void {
    this.#abort.abort()
  }

  async #run(from: number): Promise<void> {
    const { signal } = this.#abort
    const { text } = this.#found
    try {
      let page = await this.#ask(text, { from }, signal)
      while (!signal.aborted) {
        this.#add(page)
        if (this.#found.done || page.next === null) return
        page = await this.#ask(text, { after: page.next }, signal)
      }
    } catch (error) {
      if (signal.aborted) return
      this.#tell({ ...this.#found, done: true, trouble: error instanceof Error ? error.message : String(error) })
    }
  }

  #add({ lines, next, scanned }: Page): void {
    const before = this.#found
    const last = before.lines.at(-1) ?? 0
    const all = lines.length === 0 ? before.lines : [...before.lines, ...lines.filter((line) => line > last)]
    const full = all.length >= MOST
    const done = next === null || full
    this.#tell({ ...before, lines: all, scanned: Math.max(before.scanned, scanned.to), done, full, trouble: '' })
  }

  #tell(found: Found): void {
    this.#found = found
    this.#onChange(found)
  }
}
