// Bundles the dashboard, each file beside its compressed twins.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, parseAst } from 'vite'

const root = fileURLToPath(new URL('../src/dashboard', import.meta.url))

const MAKES_DOCUMENTS = /\/zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/
const DESCRIBES = /\/src\/protocol\//

/** Leaves out what documents are made of, a tenth of the page, which makes none: JSON schemas, and what ours say of themselves. */
const withoutDocuments = {
  name: 'without-documents',
  transform(code, id) {
    if (MAKES_DOCUMENTS.test(id)) return { code: emptied(code), map: null }
    if (DESCRIBES.test(id)) return { code: undescribed(code), map: null }
  },
}

/** The same names, with nothing in them. */
function emptied(code) {
  const names = [...code.matchAll(/^export (?:const|function) (\w+)/gm)]
  return names.map(([, name]) => `export const ${name} = () => ({})`).join('\n')
}

/** `schema.describe('…')` becomes `schema`. */
function undescribed(code) {
  const calls = []
  const look = (node) => {
    if (typeof node !== 'object' || node === null) return
    if (node.type === 'CallExpression' && node.callee.property?.name === 'describe') calls.push(node)
    for (const part of Object.values(node)) look(part)
  }
  look(parseAst(code))
  // From the last, so that the places of those before stay right.
  for (const { callee, end } of calls.sort((a, b) => b.end - a.end)) {
    code = code.slice(0, callee.object.end) + code.slice(end)
  }
  return code
}

/** Rejects if it cannot be built. */
export async function buildPage(outDir) {
  await build({
    root,
    // Under whatever prefix a proxy shows it.
    base: './',
    configFile: false,
    logLevel: 'warn',
    plugins: [withoutDocuments],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // An inlined file would be a data: address, which the page's policy forbids.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = readFileSync(file)
    writeFileSync(`${file}.br`, brotliCompressSync(bytes))
    // In the clear browsers ask for no other.
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  }
}
