import { uptime } from 'node:os'

/** The work of one lease: what is to be ended if the agent cannot do it. */
export interface Ward {
  readonly lease: string
  /** Its workspace, by which its processes are known. */
  readonly folder: string
  /** By then nothing of it may run any more, in `machineMs`. */
  readonly lastMs: number
  /** SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs: number
}

/** What an agent says to its guardian: what to watch over from now on, or that a lease is over. */
export type Word = Ward | { readonly over: string }

/** Milliseconds since this machine was started: the same for all its processes, and it goes on while the machine sleeps. */
export function machineMs(): number {
  return uptime() * 1000
}
