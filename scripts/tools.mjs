// System programs that some tests run. The table is tools.json; tests ask it through test/support/tools.ts.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const table = JSON.parse(readFileSync(new URL('tools.json', import.meta.url), 'utf8'))
const policyFile = '/usr/sbin/policy-rc.d'

/** Installs what is missing if it may. Returns a sentence with the mend if something stays missing. */
export function settleTools({ install }) {
  const missing = missingTools()
  if (missing.length === 0) return undefined
  const packages = packagesOf(missing)
  if (!install) return `tests that need ${missing.join(', ')} will be skipped; to run them: ${byHand(packages)}`
  if (!canInstall()) return `${missing.join(', ')} missing and not root on Debian; install by hand: ${byHand(packages)}`
  console.error(`installing ${packages.join(', ')}`)
  withServicesHeldBack(() => aptInstall(packages))
  const still = missingTools()
  return still.length === 0 ? undefined : `could not install ${still.join(', ')}; by hand: ${byHand(packages)}`
}

/** What somebody types to have them. */
export function lineToInstall(names) {
  return byHand(packagesOf(names))
}

function packagesOf(names) {
  return [...new Set(names.flatMap((name) => table[name].packages))]
}

function missingTools() {
  return Object.keys(table).filter((name) => {
    const [command, ...args] = table[name].probe
    return spawnSync(command, args, { stdio: 'ignore' }).status !== 0
  })
}

function byHand(packages) {
  return `sudo apt-get install --no-install-recommends ${packages.join(' ')}`
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
}

function aptInstall(packages) {
  apt(['update'])
  apt(['install', '--yes', '--no-install-recommends', ...packages])
}

function apt(args) {
  spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  })
}

// Debian starts a service as soon as it is installed; the tests start their own, on ports of their own.
function withServicesHeldBack(work) {
  if (existsSync(policyFile)) return work()
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return work()
  } finally {
    rmSync(policyFile)
  }
}
