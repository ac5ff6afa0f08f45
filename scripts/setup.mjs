// Makes a checkout ready to run: packages, build and, where asked, the system tools that tests use.
// Runs before anything is installed, so it may use nothing but Node itself.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildIfStale } from './build.mjs'
import { withLock } from './lock.mjs'
import { settleTools } from './tools.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const oldest = [20, 19]

class SetupError extends Error {}

async function main(flags) {
  requireNode()
  const toRunOnly = flags.has('--prod-ok')
  await withLock(root, 'setup', () => installPackages(toRunOnly))
  if (!(await buildIfStale())) throw new SetupError('the build failed; see the errors above')
  if (toRunOnly) return
  const inCi = ['true', '1'].includes(process.env.CI ?? '')
  const problem = await withLock(root, 'setup', () => settleTools({ install: inCi || flags.has('--install') }))
  if (problem !== undefined && inCi) throw new SetupError(problem)
  if (problem !== undefined) console.error(problem)
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new SetupError(`Node ${oldest.join('.')} or newer is needed; this is ${process.versions.node}`)
}

function installPackages(toRunOnly) {
  const reason = reasonToInstall(toRunOnly)
  if (reason === undefined) return
  console.error(`installing packages (${reason})`)
  const npm = npmCommand()
  const { status } = spawnSync(npm.command, [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new SetupError('`npm ci` failed; see the errors above')
}

function npmCommand() {
  const running = process.env.npm_execpath
  return running?.endsWith('.js') ? { command: process.execPath, args: [running] } : { command: 'npm', args: [] }
}

// npm leaves a record of what it installed, written last: comparing it with the lockfile also sees an interrupted
// install and an installation that somebody made without this script.
function reasonToInstall(toRunOnly) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return 'none there yet'
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(record)
  const needsCompiler = existsSync(join(root, 'src'))
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    if (toRunOnly && !needsCompiler && (entry.dev || entry.devOptional)) continue
    const found = present[path]
    if (found === undefined && (entry.optional || entry.devOptional || entry.peer)) continue
    if (found?.version !== entry.version) return `${path.replace(/^.*node_modules\//, '')} has changed`
  }
  return undefined
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

try {
  await main(new Set(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`drumline: ${error.message}`)
  process.exitCode = 1
}
