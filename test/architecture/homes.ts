import { packageOf } from './imports.ts'
import { roomOf } from './rooms.ts'
import { lineOf, type Source } from './sources.ts'
import { isMemberName, type Place, walk } from './walk.ts'

/** Packages that only a few named files know. */
const HOMES: [name: RegExp, home: RegExp][] = [
  [/^ws$/, /^src\/socket\//],
  [/^libsql$/, /^src\/server\/store\/sqlite\//],
  [/^(hono|@hono\/.*)$/, /^src\/server\/http(\/|\.ts$|-)/],
  [/^prom-client$/, /^src\/server\/metrics\//],
  [/^yaml$/, /^src\/workflow\//],
  [/^commander$/, /^src\/cli\//],
  [/^(preact|@preact\/signals|uplot|ansi-sequence-parser)$/, /^src\/dashboard\//],
  [/^node:(process|console)$/, /^src\/cli\//],
]

const PROTOCOL_MAY_IMPORT = ['zod', 'superjson', 'nanoid']

export function misplacedPackages(sources: Source[]): string[] {
  return sources.flatMap(({ path, text, imports }) =>
    imports.flatMap(({ specifier, offset }) => {
      if (specifier === undefined || specifier.startsWith('.')) return []
      const name = packageOf(specifier)
      const barred = HOMES.some(([pattern, home]) => pattern.test(name) && !home.test(path))
      const impure = roomOf(path) === 'protocol' && !PROTOCOL_MAY_IMPORT.includes(name)
      return barred || impure ? [`${path}:${lineOf(text, offset)} may not import ${specifier}`] : []
    }),
  )
}

/** Members of `process` that read or change the world of the whole program: the command line's business only. */
const PROCESS_WORLD = ['argv', 'env', 'exit', 'exitCode', 'abort', 'on', 'once', 'stdin', 'stdout', 'stderr']
/** Programs beside the command line. */
const PROGRAMS = ['src/agent/guardian/main.ts']
const NODE_GLOBALS = ['process', 'Buffer', 'NodeJS', 'setImmediate', '__dirname', 'require']

export function worldOutsideCli(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => roomOf(path) !== 'cli' && !PROGRAMS.includes(path))
    .flatMap(({ path, text, program }) => {
      const found: string[] = []
      walk(program, (node, place) => {
        if (node.type !== 'Identifier' || isMemberName(place)) return
        const name = offence(node.name, place, path)
        if (name !== undefined) found.push(`${path}:${lineOf(text, node.start)} uses ${name}`)
      })
      return found
    })
}

function offence(name: string, place: Place, path: string): string | undefined {
  if (roomOf(path) === 'protocol' && NODE_GLOBALS.includes(name)) return name
  if (name === 'console') return name
  return name === 'process' ? processOffence(place) : undefined
}

// Handing `process` around whole would hide what is taken from it, so that counts as well.
function processOffence({ parents: [parent], key }: Place): string | undefined {
  if (parent?.type !== 'MemberExpression' || key !== 'object') return 'process'
  if (parent.computed || parent.property.type !== 'Identifier') return 'process[…]'
  return PROCESS_WORLD.includes(parent.property.name) ? `process.${parent.property.name}` : undefined
}
