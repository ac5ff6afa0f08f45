import { type ChildProcess, spawn } from 'node:child_process'
import { searchesOf } from './leaks.ts'
import { waitUntil } from './wait-until.ts'

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface SpawnOptions {
  cwd: string
  /** All of its environment: nothing is inherited. */
  env: Record<string, string>
}

/** A child process: what it has said so far, and how it ended. Whoever started it owns its end. */
export class Running {
  readonly command: string
  readonly exit: Promise<Exit>
  readonly #child: ChildProcess
  readonly #out: Buffer[] = []
  readonly #err: Buffer[] = []
  #ended: Exit | undefined

  constructor(command: string, args: readonly string[], options: SpawnOptions) {
    this.command = [command, ...args].join(' ')
    this.#child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const searches = searchesOf(this.command)
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#out.push(chunk)
      searches.stdout?.read(chunk.toString('latin1'))
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#err.push(chunk)
      searches.stderr.read(chunk.toString('latin1'))
    })
    this.exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      // `close`, not `exit`: only then has all output come.
      this.#child.once('close', (code, signal) => {
        this.#ended = { code, signal }
        resolve(this.#ended)
      })
    })
    this.exit.catch(() => {})
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`could not start: ${this.command}`)
    return pid
  }

  get ended(): Exit | undefined {
    return this.#ended
  }

  stdout(): string {
    return Buffer.concat(this.#out).toString('utf8')
  }

  stderr(): string {
    return Buffer.concat(this.#err).toString('utf8')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The first match in what it has printed on stdout; fails with all it said if it ends before, or never says it. */
  async says(pattern: RegExp, limitMs = 10_000): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.stdout()) ?? (this.#ended === undefined ? null : this.#fail(pattern))
    return waitUntil(look, { limitMs, what: `${pattern} of ${this.command}` })
  }

  /** Ends it at once and waits for that. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.exit
  }

  /** Waits for its own end. */
  async finished(limitMs = 20_000): Promise<Exit> {
    return waitUntil(() => this.#ended, { limitMs, what: `the end of ${this.command}` })
  }

  #fail(pattern: RegExp): never {
    const how = JSON.stringify(this.#ended)
    throw new Error(`${this.command} ended (${how}) without ${pattern}:\n${this.stdout()}\n${this.stderr()}`)
  }
}
