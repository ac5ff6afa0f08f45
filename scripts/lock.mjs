import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 200
// The holder writes its id just after making the folder; one that was killed in between never does.
const UNSIGNED_MS = 5_000

/** Runs `work` while no other process of this checkout holds the lock of the same name. */
export async function withLock(root, name, work) {
  const dir = join(root, `.drumline-${name}.lock`)
  await take(dir, name)
  try {
    return await work()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function take(dir, name) {
  let told = false
  while (!tryTake(dir)) {
    if (holderIsGone(dir)) {
      rmSync(dir, { recursive: true, force: true })
      continue
    }
    if (!told) console.error(`waiting for another ${name} in this folder to finish`)
    told = true
    await pause(POLL_MS)
  }
}

function tryTake(dir) {
  try {
    mkdirSync(dir)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(dir, 'pid'), String(process.pid))
  return true
}

function holderIsGone(dir) {
  const pid = readPid(dir)
  if (pid === undefined) return ageOf(dir) > UNSIGNED_MS
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function readPid(dir) {
  try {
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'))
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function ageOf(dir) {
  const made = statSync(dir, { throwIfNoEntry: false })?.mtimeMs
  return made === undefined ? 0 : Date.now() - made
}
