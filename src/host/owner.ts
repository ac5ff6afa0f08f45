import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'
import { readStat } from './process-table.ts'

/** One process for good, and where its number has a meaning. What a system does not tell is empty. */
export const Owner = z.object({
  host: z.string(),
  /** Of the installed system, where it has one. */
  machine: z.string(),
  /** Of the machine's start. */
  boot: z.string(),
  /** In which the number counts: a container has its own. */
  world: z.string(),
  pid: z.int(),
  /** With the number, names one process for good. */
  started: z.string(),
})
export type Owner = z.infer<typeof Owner>

export async function ownerOf(pid: number): Promise<Owner> {
  const machine = await readFile('/etc/machine-id', 'utf8').catch(() => '')
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const world = await readlink('/proc/self/ns/pid').catch(() => '')
  const started = (await readStat(String(pid)))?.started ?? ''
  return { host: hostname(), machine: machine.trim(), boot: boot.trim(), world, pid, started }
}

/**
 * Where a process ran, seen from here. `here`: its number means the same. `before`: this machine has been started since, so
 * it is gone. `container`: on this machine, but its number counts in another one. `elsewhere`: on another machine.
 */
export type Place = 'here' | 'before' | 'container' | 'elsewhere'

export async function placeOf(owner: Owner): Promise<Place> {
  const here = await ownerOf(owner.pid)
  if (owner.host !== here.host || owner.machine !== here.machine) return 'elsewhere'
  if (owner.boot !== here.boot) return 'before'
  return owner.world === here.world ? 'here' : 'container'
}

/** What became of a process, as far as it can be judged from here: not from another machine, nor another container. */
export async function fateOf(owner: Owner): Promise<'alive' | 'gone' | 'unknown'> {
  const place = await placeOf(owner)
  if (place === 'before') return 'gone'
  if (place !== 'here') return 'unknown'
  const { started } = await ownerOf(owner.pid)
  const same = owner.started === '' ? exists(owner.pid) : owner.started === started
  return same ? 'alive' : 'gone'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
