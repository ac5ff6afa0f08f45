import type { z } from 'zod'
import { richText } from './rich.ts'
import { FeedData } from './views.ts'

const texts = new WeakMap<FeedData, string>()

/** The schema of each kind, so that kinds without dates skip superjson's walk. */
const byKind: ReadonlyMap<string, z.ZodType> = new Map(
  FeedData.options.flatMap((option) => [...option.shape.kind.values].map((kind) => [kind, option] as const)),
)

/** An event's data as it travels. Made once however many subscribers get it: hand over one object, never changed. */
export function feedText(data: FeedData): string {
  let text = texts.get(data)
  if (text === undefined) {
    text = richText(data, byKind.get(data.kind))
    texts.set(data, text)
  }
  return text
}
