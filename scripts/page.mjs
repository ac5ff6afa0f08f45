// Bundles the dashboard to dist/dashboard, each file beside its compressed twins.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = fileURLToPath(new URL('../src/dashboard', import.meta.url))
const outDir = fileURLToPath(new URL('../dist/dashboard', import.meta.url))

/** Rejects if it cannot be built. */
export async function buildPage() {
  await build({
    root,
    // Under whatever prefix a proxy shows it.
    base: './',
    configFile: false,
    logLevel: 'warn',
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
