import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { Bus } from './bus.ts'
import type { Row, Rows } from './rows.ts'

/** One answer of a list, and where the next begins. */
interface Page<T> {
  readonly rows: readonly T[]
  readonly next: string | null
}

interface CompleteOptions<T extends Row> {
  readonly bus: Pick<Bus, 'link'>
  readonly rows: Rows<T>
  /** Which are held, of all that are told. */
  readonly holds?: (row: T) => boolean
  readonly read: (before: string | undefined) => Promise<Page<T>>
}

/** What was told since a snapshot began, until all is read: it is newer than any page. */
class Reading {
  readonly told = new Set<string>()
  readonly gone = new Set<string>()
  done = false
}

/**
 * All there are of something of which a snapshot tells only the first: the others are read page by page, while events go on.
 * What was known before stays shown until all is read, so that nothing blinks.
 */
export class Complete<T extends Row> {
  readonly #options: CompleteOptions<T>
  readonly #trouble = signal('')
  readonly #whole = signal(false)
  #reading = new Reading()

  constructor(options: CompleteOptions<T>) {
    this.#options = options
    effect(() => {
      const { state } = options.bus.link.value
      // Pages that an outage has stopped are read again, also where the topic went on without a snapshot.
      untracked(() => {
        if (state === 'live' && this.#trouble.value !== '') this.begin()
      })
    })
  }

  get list(): ReadonlySignal<readonly T[]> {
    return this.#options.rows.list
  }

  /** Why not all could be read, or empty. */
  get trouble(): ReadonlySignal<string> {
    return this.#trouble
  }

  /** All were read, so that none means none. */
  get whole(): ReadonlySignal<boolean> {
    return this.#whole
  }

  get(id: string): T | undefined {
    return this.#options.rows.get(id)
  }

  /** A snapshot begins, or all is to be read again. */
  begin(): void {
    this.#reading = new Reading()
    void this.#readAll(this.#reading)
  }

  take(row: T): void {
    const { rows, holds = () => true } = this.#options
    const { told, gone, done } = this.#reading
    if (!holds(row)) this.remove(row.id)
    else if (done || told.has(row.id)) rows.put(row)
    else {
      gone.delete(row.id)
      told.add(row.id)
      rows.replace(row)
    }
  }

  remove(id: string): void {
    const { told, gone, done } = this.#reading
    told.delete(id)
    if (!done) gone.add(id)
    this.#options.rows.remove(id)
  }

  async #readAll(reading: Reading): Promise<void> {
    this.#trouble.value = ''
    let before: string | undefined
    try {
      do {
        const page = await this.#options.read(before)
        if (reading !== this.#reading) return
        for (const row of page.rows) if (!reading.told.has(row.id) && !reading.gone.has(row.id)) this.take(row)
        before = page.next ?? undefined
      } while (before !== undefined)
      this.#options.rows.keep(reading.told)
      reading.done = true
      reading.told.clear()
      reading.gone.clear()
      this.#whole.value = true
    } catch (error) {
      if (reading === this.#reading) this.#trouble.value = error instanceof Error ? error.message : String(error)
    }
  }
}
