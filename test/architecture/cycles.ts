import { edges } from './rooms.ts'
import type { Source } from './sources.ts'

/** Each ring of files that import each other, types included, written as a path that comes back. */
export function cycles(sources: Source[]): string[] {
  const next = new Map<string, string[]>(sources.map(({ path }) => [path, []]))
  for (const { from, to } of edges(sources)) if (next.has(to)) next.get(from.path)?.push(to)
  const done = new Set<string>()
  const found: string[] = []
  for (const start of next.keys()) search(start, [], { next, done, found })
  return found
}

interface Search {
  next: Map<string, string[]>
  done: Set<string>
  found: string[]
}

function search(path: string, trail: string[], state: Search): void {
  const seenAt = trail.indexOf(path)
  if (seenAt !== -1) {
    state.found.push([...trail.slice(seenAt), path].join(' -> '))
    return
  }
  if (state.done.has(path)) return
  for (const to of state.next.get(path) ?? []) search(to, [...trail, path], state)
  state.done.add(path)
}
