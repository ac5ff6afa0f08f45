import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'
import { isHeld } from './pipes.ts'
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
 * Where a process ran, seen from here. `here`: its number means the same. `container`: on this machine, but its number counts
 * in another one. `before`: this machine has been started since, so it is gone. `elsewhere`: on another machine.
 */
export type Place = 'here' | 'container' | 'before' | 'elsewhere'

export async function placeOf(owner: Owner): Promise<Place> {
  const here = await ownerOf(owner.pid)
  const twin = owner.host === here.host && owner.machine === here.machine
  // A container may have another name each time; the start of the machine is the same in all.
  if (owner.boot === here.boot && (here.boot !== '' || twin)) return owner.world === here.world ? 'here' : 'container'
  return twin ? 'before' : 'elsewhere'
}

/** What became of a process that has held a pipe all its life, as far as it can be judged from here. */
export async function fateOf(owner: Owner, pipe: string): Promise<'alive' | 'gone' | 'unknown'> {
  switch (await placeOf(owner)) {
    case 'before':
      return 'gone'
    case 'elsewhere':
      return 'unknown'
    case 'container':
      return (await isHeld(pipe)) ? 'alive' : 'gone'
    case 'here': {
      const { started } = await ownerOf(owner.pid)
      const same = owner.started === '' ? exists(owner.pid) : owner.started === started
      return same ? 'alive' : 'gone'
    }
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
