import type { Made } from './define.ts'

/** A command as the list of all shows it. It is loaded when it is asked for: `list` needs no server, no agent and no YAML. */
interface Entry {
  /** Null: not for people, and not listed. */
  readonly heading: string | null
  readonly summary: string
  load(): Promise<Made>
}

/** Every command by its name. */
export type Catalog = Readonly<Record<string, Entry>>
