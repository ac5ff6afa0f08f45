import type { Random } from '../random.ts'

/** A copy in an order that the seed gives. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const ranked = items.map((item) => ({ item, rank: random.next() }))
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}
