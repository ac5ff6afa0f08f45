import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Context } from 'hono'
import { builtBeside } from '../../host/index.ts'
import type { Api, Env } from './call.ts'
import { answerProblem } from './problem.ts'

/** The page's own files and its own server, and nothing else: what a script that was slipped in would need. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** As HTTP names them, and how the compressed twins are called; the better first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

type Bytes = Uint8Array<ArrayBuffer>

interface PageFile {
  readonly type: string
  readonly plain: Bytes
  readonly encoded: ReadonlyMap<string, Bytes>
}

/** The dashboard. Its files are few and small, are read once, and tell nobody anything: who looks at them is not asked. */
export function pageRoutes(api: Api): void {
  const files = readPage(builtBeside(import.meta.url, '../../dashboard/'))
  api.get('/', (c) => answer(c, files.get('index.html'), 'no-cache'))
  // Their names change with what is in them.
  api.get('/assets/:name', (c) => answer(c, files.get(c.req.param('name')), 'public, max-age=31536000, immutable'))
}

function answer(c: Context<Env>, file: PageFile | undefined, caching: string): Response {
  if (file === undefined) return answerProblem(c, 404, 'not_found', 'the dashboard has no such file')
  c.header('content-type', file.type)
  c.header('cache-control', caching)
  c.header('content-security-policy', POLICY)
  c.header('vary', 'accept-encoding')
  const wanted = c.req.header('accept-encoding') ?? ''
  for (const [encoding, bytes] of file.encoded) {
    if (!wanted.includes(encoding)) continue
    c.header('content-encoding', encoding)
    return c.body(bytes)
  }
  return c.body(file.plain)
}

function readPage(folder: URL): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const at of [folder, new URL('assets/', folder)]) {
    const names = existsSync(at) ? readdirSync(at) : []
    const read = (name: string): Bytes => new Uint8Array(readFileSync(new URL(name, at)))
    for (const name of names) {
      const type = TYPES[extname(name)]
      if (type === undefined) continue
      const twins = ENCODINGS.filter(([, ending]) => names.includes(name + ending))
      const encoded = new Map(twins.map(([encoding, ending]) => [encoding, read(name + ending)]))
      files.set(name, { type, plain: read(name), encoded })
    }
  }
  return files
}
