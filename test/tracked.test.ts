import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

// Where this checkout lies and who is at home here; a folder that every machine has says nothing.
const everywhere = ['/', '/tmp', '/home', '/opt', '/srv', '/usr', '/var']
const machinePaths = [homedir(), dirname(root)].filter((path) => !everywhere.includes(path)).map((path) => `${path}/`)
const registryHost = /registry\.(npmjs|yarnpkg)\.|npm\.pkg\.github\.|deb\.debian\.org/

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && statSync(join(root, path), { throwIfNoEntry: false })?.isFile())
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('no tracked file names a path of the machine it was written on', () => {
  const named = tracked.filter((path) => machinePaths.some((machinePath) => textOf(path).includes(machinePath)))
  expect(named).toEqual([])
})

test('no tracked file names a registry host', () => {
  expect(tracked.filter((path) => registryHost.test(textOf(path)))).toEqual([])
})

test('the lockfile says what to install, not from where', () => {
  const lockfiles = tracked.filter((path) => /(^|\/)package-lock\.json$/.test(path))
  expect(lockfiles).toContain('package-lock.json')
  expect(lockfiles.filter((path) => textOf(path).includes('"resolved"'))).toEqual([])
})
