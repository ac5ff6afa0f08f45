import { Readable } from 'node:stream'
import type { Output, World } from '../../src/cli/world.ts'

class Memory implements Output {
  text = ''
  readonly isTerminal: boolean
  readonly columns = 80
  readonly rows = 24

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal
  }

  async write(text: string): Promise<void> {
    this.text += text
  }
}

/** A process that is none: what it prints is kept, its signals are given by the test. */
export class FakeWorld implements World {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: Memory
  readonly stderr: Memory
  readonly #uptimeMs: number
  readonly #listeners = new Map<string, Set<() => void>>()

  constructor(
    args: readonly string[],
    options: { env?: Record<string, string>; stdin?: string; terminal?: boolean; uptimeMs?: number } = {},
  ) {
    this.args = args
    this.#uptimeMs = options.uptimeMs ?? 0
    this.env = options.env ?? {}
    this.stdin = Readable.from([options.stdin ?? ''])
    this.stdout = new Memory(options.terminal ?? false)
    this.stderr = new Memory(options.terminal ?? false)
  }

  onSignal(name: 'SIGHUP' | 'SIGINT' | 'SIGTERM', listener: () => void): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set.add(listener))
    return () => void set.delete(listener)
  }

  signal(name: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): void {
    for (const listener of this.#listeners.get(name) ?? []) listener()
  }

  onExit(): () => void {
    return () => {}
  }

  uptimeMs(): number {
    return this.#uptimeMs
  }

  exit(code: number): void {
    throw new Error(`exit(${code}) was called`)
  }
}
