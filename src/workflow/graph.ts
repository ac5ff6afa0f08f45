/** The first ring found in `name → names it waits for`, as the names along it, or undefined. */
export function findRing(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const settled = new Set<string>()
  for (const start of edges.keys()) {
    const ring = ringFrom(start, edges, settled)
    if (ring !== undefined) return ring
  }
  return undefined
}

function ringFrom(start: string, edges: ReadonlyMap<string, readonly string[]>, settled: Set<string>) {
  // A path of our own, not recursion: it may be as long as there are steps.
  const path: { name: string; left: string[] }[] = []
  const enter = (name: string) => path.push({ name, left: [...(edges.get(name) ?? [])] })
  if (!settled.has(start)) enter(start)
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.left.pop()
    if (next === undefined) {
      settled.add(top.name)
      path.pop()
      continue
    }
    const at = path.findIndex(({ name }) => name === next)
    if (at >= 0) return [...path.slice(at).map(({ name }) => name), next]
    if (!settled.has(next)) enter(next)
  }
  return undefined
}

/** `a → b → a`, for sentences. */
export function showRing(ring: readonly string[]): string {
  return ring.map((name) => `\`${name}\``).join(' → ')
}
