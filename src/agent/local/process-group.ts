import { setTimeout as sleep } from 'node:timers/promises'
import { hasLivingMember } from '../../host/process-table.ts'

/**
 * All processes of a step: its shell is the leader, and the group's id is the shell's. Once found empty the group is never
 * signalled again, since the system may give the number to someone else.
 */
export class ProcessGroup {
  readonly id: number
  #gone = false

  constructor(leader: number) {
    this.id = leader
  }

  /** Signals every member. False if none is left. */
  signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#gone) return false
    try {
      process.kill(-this.id, signal)
      return true
    } catch (error) {
      // EPERM: members there are, but none of ours to signal.
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return true
      this.#gone = true
      return false
    }
  }

  /** Whether a member lives. Asks only after the leader was reaped: until then the leader itself counts. */
  async alive(): Promise<boolean> {
    if (!this.signal(0)) return false
    // Where nobody reaps orphans (an agent as process 1 of a container), the dead count as members for ever.
    return hasLivingMember(this.id)
  }

  /** Whether the group became empty within `limitMs`. */
  async emptied(limitMs: number): Promise<boolean> {
    const until = performance.now() + limitMs
    for (let wait = 5; await this.alive(); wait = Math.min(wait * 2, 100)) {
      const left = until - performance.now()
      if (left <= 0) return false
      await sleep(Math.min(wait, left))
    }
    return true
  }
}
