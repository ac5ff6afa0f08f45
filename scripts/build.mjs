import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const src = join(root, 'src')
const dist = join(root, 'dist')
const stamp = join(dist, '.stamp')
/** Beside dist, so that the paths in maps are right: dist is as it was until all of it is there, and nothing old stays in it. */
const next = join(root, 'dist.next')
const settings = [
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/page.mjs',
  'scripts/programs.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** Compiles src to dist if anything that goes into it has changed; false, or a promise of it, if it does not compile. */
export function buildIfStale() {
  if (!existsSync(src)) return true
  return withLock(root, 'build', () => readStamp() === fingerprint() || build())
}

async function build() {
  const before = fingerprint()
  console.error('building dist from src')
  rmSync(next, { recursive: true, force: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', next], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) return false
  // Only now: before the packages are installed there is nothing to load them with.
  const { buildPage } = await import('./page.mjs')
  const { buildPrograms } = await import('./programs.mjs')
  await buildPage(join(next, 'dashboard'))
  await buildPrograms(root, next)
  writeFileSync(join(next, '.stamp'), before)
  rmSync(dist, { recursive: true, force: true })
  renameSync(next, dist)
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

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await withLock(root, 'build', build)) ? 0 : 1
}
