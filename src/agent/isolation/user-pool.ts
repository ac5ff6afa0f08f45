import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InUseError, type Lock, lockDirectory } from '../../host/index.ts'
import { IsolationError } from './isolation-error.ts'
import type { StepUser } from './step-user.ts'
import { endUser, processesOfUser } from './user-processes.ts'

/** Which agent of this machine has which users. Only root writes here, and it is empty after a start of the machine. */
const LOCKS = '/run/drumline'

interface Held {
  readonly user: StepUser
  readonly lock: Lock
}

/** The users of one agent: each workflow has one to itself, and finds nothing running as it. */
export class UserPool {
  readonly users: readonly StepUser[]
  readonly #held: readonly Held[]
  readonly #free: StepUser[]

  private constructor(held: readonly Held[]) {
    this.#held = held
    this.users = held.map(({ user }) => user)
    this.#free = [...this.users]
  }

  /**
   * Takes so many of the candidates for this process, leaving out those that others use, and ends what a dead agent left
   * running as them. Throws if there are too few.
   */
  static async open(candidates: Iterable<StepUser>, count: number): Promise<UserPool> {
    await mkdir(LOCKS, { recursive: true, mode: 0o700 }).catch((error: Error) => {
      throw new IsolationError(`which users belong to which agent is noted in ${LOCKS}: ${error.message}`)
    })
    const held: Held[] = []
    const taken: string[] = []
    for (const user of candidates) {
      if (held.length === count) break
      const lock = await lockOf(user)
      if (typeof lock === 'string') taken.push(`${user.name} ${lock}`)
      else held.push({ user, lock })
    }
    if (held.length === count) return new UserPool(held)
    for (const { lock } of held) await lock.release()
    throw new IsolationError(tooFew(count, held.length, taken))
  }

  /** One that no other workflow has. Throws if none is free of processes: one of them could not be killed. */
  async take(): Promise<StepUser> {
    for (const user of [...this.#free]) {
      this.#free.splice(this.#free.indexOf(user), 1)
      if (await endUser(user)) return user
      this.#free.push(user)
    }
    throw new IsolationError('every user that steps may run as has a process that cannot be ended')
  }

  give(user: StepUser): void {
    this.#free.push(user)
  }

  /** Gives all back to the machine. What still runs as one keeps it taken, so that the next agent ends that first. */
  async close(): Promise<void> {
    for (const { user, lock } of this.#held) {
      if (await endUser(user)) await lock.release()
    }
  }
}

/** The lock on a user, or why it is not to be had. */
async function lockOf(user: StepUser): Promise<Lock | string> {
  const file = join(LOCKS, `user-${user.uid}`)
  // A lock that is there belongs to an agent, alive or dead. Without one, what runs is somebody's who does not know of us.
  const [stranger] = existsSync(file) ? [] : processesOfUser(user.uid)
  if (stranger !== undefined) return `has a process of its own (${stranger})`
  try {
    const lock = await lockDirectory(file)
    return (await endUser(user)) ? lock : 'has a process that cannot be ended'
  } catch (error) {
    if (error instanceof InUseError) return 'belongs to another agent'
    throw error
  }
}

function tooFew(count: number, free: number, taken: readonly string[]): string {
  const need = count === 1 ? 'a workflow needs a user to itself' : `${count} workflows at a time need ${count} users`
  const named = free + taken.length
  const found = `${named} ${named === 1 ? 'is' : 'are'} named`
  const others = taken.slice(0, 3).join(', ') + (taken.length > 3 ? ' …' : '')
  return `${need} that nothing else runs as, and ${found}${taken.length === 0 ? '' : `, of which ${free} can be had: ${others}`}`
}
