import { packageOf, resolve } from './imports.ts'
import { lineOf, type Source } from './sources.ts'

/** What each room may import, besides itself. */
const ARROWS: Record<string, string[]> = {
  protocol: [],
  socket: ['protocol'],
  host: ['protocol'],
  workflow: ['protocol'],
  client: ['protocol', 'socket'],
  agent: ['protocol', 'socket', 'host'],
  server: ['protocol', 'socket', 'workflow', 'host'],
  conformance: ['protocol', 'socket'],
  doctor: ['protocol', 'socket'],
  dashboard: ['protocol', 'client', 'workflow'],
  cli: ['protocol', 'workflow', 'server', 'agent', 'client', 'conformance', 'doctor'],
}

/** Doors other than a room's index.ts, and who may use them. The guardian has to be small: it loads no schemas. */
const SIDE_DOORS: Record<string, string[]> = { 'src/client/node.ts': ['cli'], 'src/host/process-table.ts': ['agent'] }

interface Edge {
  from: Source
  to: string
  where: string
}

export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

export function edges(sources: Source[]): Edge[] {
  return sources.flatMap((from) =>
    from.imports.flatMap(({ specifier, offset }) =>
      specifier?.startsWith('.')
        ? [{ from, to: resolve(from.path, specifier), where: `${from.path}:${lineOf(from.text, offset)}` }]
        : [],
    ),
  )
}

/** Every file stands in a known room, and every relative import names a file that is there. */
export function strays(sources: Source[]): string[] {
  const known = new Set(sources.map(({ path }) => path))
  const homeless = sources.filter(({ path }) => ARROWS[roomOf(path) ?? ''] === undefined)
  const dangling = edges(sources).filter(({ to }) => !known.has(to) && !to.endsWith('.json'))
  const computed = sources.flatMap((source) =>
    source.imports.filter(({ specifier }) => specifier === undefined).map(() => source),
  )
  return [
    ...homeless.map(({ path }) => `${path} stands in no room`),
    ...dangling.map(({ to, where }) => `${where} imports ${to}, which is not there (names end in .ts)`),
    ...computed.map(({ path }) => `${path} imports a computed name`),
  ]
}

export function wrongArrows(sources: Source[]): string[] {
  return edges(sources).flatMap(({ from, to, where }) => {
    const here = roomOf(from.path)
    const there = roomOf(to)
    if (here === undefined || here === there) return []
    if (there === undefined) return [`${where} leaves src for ${to}`]
    return ARROWS[here]?.includes(there) ? [] : [`${where}: ${here} may not import ${there}`]
  })
}

export function wrongDoors(sources: Source[]): string[] {
  return edges(sources).flatMap(({ from, to, where }) => {
    const here = roomOf(from.path) ?? ''
    const there = roomOf(to)
    if (there === undefined || here === there || to === `src/${there}/index.ts`) return []
    if (SIDE_DOORS[to]?.includes(here)) return []
    return [`${where} enters ${there} by ${to} instead of its index.ts`]
  })
}

/** The page loads these; nothing they reach may need Node. */
const PAGE_ROOTS = /^src\/(dashboard\/.*|client\/index\.ts|workflow\/index\.ts|protocol\/index\.ts)$/

export function nodeOnThePage(sources: Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set(sources.filter(({ path }) => PAGE_ROOTS.test(path)))
  for (const source of reached) {
    for (const { to } of edges([source])) {
      const next = byPath.get(to)
      if (next !== undefined) reached.add(next)
    }
  }
  return [...reached].flatMap(({ path, imports }) => {
    if (roomOf(path) === 'socket') return [`${path} is reached from the page`]
    const bad = imports.filter(({ specifier }) => specifier?.startsWith('node:') || packageOf(specifier ?? '') === 'ws')
    return bad.map(({ specifier }) => `${path} is reached from the page and imports ${specifier}`)
  })
}
