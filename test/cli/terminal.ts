import { type ChildProcess, spawn } from 'node:child_process'
import { waitUntil } from '../support/wait-until.ts'

/** A program in a terminal of its own, as `script` gives it one. */
export class Terminal {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #shown = ''
  #seen = 0

  constructor(command: string, options: { cwd: string; env: Record<string, string> }) {
    this.#child = spawn('script', ['-qec', command, '/dev/null'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text
    })
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve))
  }

  /** Everything that was written to it so far, escapes and all. */
  get shown(): string {
    return this.#shown
  }

  /** Waits for the prompt after what was typed last. */
  async prompt(text: string): Promise<void> {
    const at = () => this.#shown.indexOf(text, this.#seen)
    await waitUntil(() => at() >= 0, { limitMs: 60_000, what: `the prompt after ${JSON.stringify(this.#shown)}` })
    this.#seen = at() + text.length
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  async end(): Promise<void> {
    this.#child.stdin?.end()
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
