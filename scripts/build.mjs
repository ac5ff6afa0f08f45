import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const src = join(root, 'src')
const dist = join(root, 'dist')
const stamp = join(dist, '.stamp')
const settings = ['package-lock.json', 'scripts/page.mjs', 'tsconfig.json', 'tsconfig.build.json']

/** Compiles src to dist if anything that goes into it has changed; false, or a promise of it, if it does not compile. */
export function buildIfStale() {
  if (!existsSync(src)) return true
  return withLock(root, 'build', () => readStamp() === fingerprint() || build())
}

async function build() {
  const before = fingerprint()
  console.error('building dist from src')
  rmSync(stamp, { force: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) return false
  dropOrphans()
  // Only now: before the packages are installed there is nothing to load it with.
  const { buildPage } = await import('./page.mjs')
  await buildPage()
  mkdirSync(dist, { recursive: true })
  writeFileSync(stamp, before)
  return true
}

function fingerprint() {
  const hash = createHash('sha256')
  const inputs = [...settings.map((name) => join(root, name)), ...filesUnder(src).sort()]
  for (const file of inputs) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function readStamp() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}

// Output whose source was deleted would still be found by an import, and shipped.
function dropOrphans() {
  for (const file of filesUnder(dist)) {
    // Whoever bundles the page empties its folder.
    if (relative(dist, file).startsWith(`dashboard${sep}`)) continue
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(relative(dist, file)) ?? []
    if (stem === undefined) continue
    if (!existsSync(join(src, `${stem}.ts`)) && !existsSync(join(src, `${stem}.tsx`))) rmSync(file)
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await withLock(root, 'build', build)) ? 0 : 1
}
