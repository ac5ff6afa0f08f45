/**
 * What is shown while somebody points at it: every row keeps its place, those that have left the list too, as `latest`
 * has them; rows that are new wait. So nothing moves away under a pointer.
 */
export function steady<T extends { readonly id: string }>(
  shown: readonly T[],
  list: readonly T[],
  latest: (id: string) => T | undefined,
): { readonly rows: readonly T[]; readonly waiting: number } {
  const places = new Set(shown.map(({ id }) => id))
  const rows = shown.map((row) => latest(row.id) ?? row)
  return { rows, waiting: list.reduce((count, { id }) => (places.has(id) ? count : count + 1), 0) }
}
