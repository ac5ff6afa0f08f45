import { SHAPE } from '../protocol/index.ts'

/** What a call of a list takes beside its filters. */
export interface Page {
  readonly limit: number
  readonly before?: string
}

interface Found<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
}

/** The first rows of a list, at most so many, however many pages they take. */
export async function readPages<Row>(most: number, ask: (page: Page) => Promise<Found<Row>>): Promise<Row[]> {
  const all: Row[] = []
  for (let before: string | null | undefined; before !== null && all.length < most; ) {
    const limit = Math.min(most - all.length, SHAPE.pageMax)
    const { rows, next } = await ask(before === undefined ? { limit } : { limit, before })
    all.push(...rows)
    before = next
  }
  return all
}
