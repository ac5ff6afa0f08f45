/** What a command sees of the process it runs in. Tests bring their own. */
export interface World {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: Output
  readonly stderr: Output
  /** Takes a signal over from its default, which ends the process. The answer gives it back. */
  onSignal(name: 'SIGHUP' | 'SIGINT' | 'SIGTERM', listener: () => void): () => void
  /** Called before the process ends, by a fault too; only what is written at once gets out. The answer takes it back. */
  onExit(listener: () => void): () => void
  /** Since the process started. */
  uptimeMs(): number
  /** Ends the process at once. */
  exit(code: number): void
}

export interface Output {
  /** Resolves when there is room for more. Never rejects: who stops reading ends the process. */
  write(text: string): Promise<void>
  readonly isTerminal: boolean
  /** Of the terminal; 80 and 24 otherwise. */
  readonly columns: number
  readonly rows: number
}
