// Every check of the project, then the tests, then one line with the count.
//   node scripts/test.mjs [--full] [arguments for vitest: with any, only the tests run]
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', name)
const inCi = ['true', '1'].includes(process.env.CI ?? '')

const checks = [
  ['lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['typecheck', 'tsc', ['-p', 'tsconfig.json']],
  ['knip', 'knip', ['--no-progress']],
  ['publint', 'publint', ['--strict']],
]

async function main(args) {
  const full = args.includes('--full')
  const forVitest = args.filter((arg) => arg !== '--full')
  const everything = forVitest.length === 0
  const troubles = everything ? await runChecks() : []
  const { code, report } = await runVitest(full, forVitest)
  const count = summarize(code, report)
  if (count.failed > 0) troubles.push('tests')
  if (count.passed + count.failed === 0) troubles.push('no test was run')
  if (inCi && everything && count.skipped > 0) troubles.push('tests were skipped, which CI does not allow')
  if (troubles.length > 0) console.log(`not good: ${troubles.join('; ')}`)
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  return troubles.length === 0 ? 0 : 1
}

async function runChecks() {
  const results = await Promise.all(checks.map(([, command, args]) => run(bin(command), args)))
  const failed = []
  for (const [at, [name]] of checks.entries()) {
    const { code, output } = results[at]
    console.log(`${name}: ${code === 0 ? 'ok' : 'failed'}`)
    if (code === 0) continue
    console.log(output)
    failed.push(name)
  }
  return failed
}

async function runVitest(full, args) {
  const folder = mkdtempSync(join(tmpdir(), 'drumline-test-'))
  const file = join(folder, 'report.json')
  const flags = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args]
  const env = { ...process.env, ...(full && { DRUMLINE_TEST_FULL: '1' }) }
  try {
    const { code } = await run(bin('vitest'), flags, { env, stdio: 'inherit' })
    return { code, report: readReport(file) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

// A file that does not load has no tests to count, and an error outside any test belongs to none: each is a failure.
function summarize(code, report) {
  const files = report?.testResults ?? []
  const unloaded = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  )
  const failed = (report?.numFailedTests ?? 0) + unloaded.length
  return {
    passed: report?.numPassedTests ?? 0,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
}

function run(command, args, { env = process.env, stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output: output.trimEnd() }))
  })
}

process.exitCode = await main(process.argv.slice(2))
