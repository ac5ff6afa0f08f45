import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { builtBeside, startOf } from '../../host/index.ts'
import type { Clock, Log } from '../../protocol/index.ts'
import { machineMs, type Ward, type Word } from './ward.ts'

/** So long after one was killed the next is started: whatever kills them may go on for a while. */
const AGAIN_MS = 1_000
const UNGUARDED = 'if this agent is killed or stopped, its steps go on (docs/reliability.md)'

/** What is known of a lease, which has no workspace at first. */
type Kept = Omit<Ward, 'folder'> & { readonly folder: string | undefined }

/**
 * The agent's end of its guardian: a process that outlives this one and ends its steps, at once if this process is gone, at
 * the end of their lease if it cannot act. One for all, started with the first workspace.
 */
export class Guardian {
  readonly #clock: Clock
  readonly #log: Log
  readonly #leases = new Map<string, Kept>()
  #child: ChildProcess | undefined
  #cancelAgain: (() => void) | undefined
  /** It has been said that there is none. */
  #said = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** From now on the lease lasts so long; see `Ward`. */
  renew(lease: string, leftMs: number, graceMs: number): void {
    const kept = { lease, folder: this.#leases.get(lease)?.folder, lastMs: machineMs() + leftMs, graceMs }
    this.#leases.set(lease, kept)
    this.#tell(kept)
  }

  /** Steps of this lease are about to run in a workspace. */
  watch(lease: string, folder: string): void {
    const known = this.#leases.get(lease)
    if (known === undefined) return
    const kept = { ...known, folder }
    this.#leases.set(lease, kept)
    if (this.#child === undefined) this.#start()
    else this.#tell(kept)
  }

  /** Nothing of this lease runs any more. */
  forget(lease: string): void {
    if (this.#leases.get(lease)?.folder !== undefined) this.#say({ over: lease })
    this.#leases.delete(lease)
  }

  /** Nothing runs any more; the guardian ends by itself. */
  close(): void {
    this.#cancelAgain?.()
    this.#child?.stdin?.end()
    this.#child = undefined
  }

  #tell({ folder, ...rest }: Kept): void {
    if (folder !== undefined) this.#say({ ...rest, folder })
  }

  #say(word: Word): void {
    this.#child?.stdin?.write(`${JSON.stringify(word)}\n`)
  }

  #start(): void {
    this.#cancelAgain?.()
    // Its own start tells whether this system tells of processes at all.
    if (startOf(process.pid) === '') {
      this.#complain({}, 'this system does not tell which processes are whose')
      return
    }
    const program = fileURLToPath(builtBeside(import.meta.url, './main.js'))
    // The argument tells people whose it is. It holds no terminal, pipe, folder or secret of the agent.
    const child = spawn(process.execPath, [program, String(process.pid)], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    child.unref()
    // Its end says it all.
    child.stdin.on('error', () => {})
    child.once('error', (error) => this.#ended(child, String(error)))
    child.once('exit', (code, signal) => this.#ended(child, code, signal))
    this.#child = child
    for (const kept of this.#leases.values()) this.#tell(kept)
  }

  #ended(child: ChildProcess, how: string | number | null, signal?: NodeJS.Signals | null): void {
    if (this.#child !== child) return
    this.#child = undefined
    if (typeof signal !== 'string') {
      this.#complain({ how }, 'the guardian of its steps cannot work')
      return
    }
    this.#cancelAgain = this.#clock.after(AGAIN_MS, () => {
      this.#start()
      this.#log.warn({ signal }, 'the guardian of the steps was killed; another has taken its place')
    })
  }

  /** Once is enough. */
  #complain(fields: object, why: string): void {
    if (!this.#said) this.#log.warn(fields, `${why}: ${UNGUARDED}`)
    this.#said = true
  }
}
