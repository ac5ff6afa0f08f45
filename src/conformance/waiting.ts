import { Deviation } from './verdict.ts'

/** How long something may take that must come. Machines under test are slow and loaded. */
export const PATIENCE_MS = 30_000

interface Source {
  /** What has happened, in few words. */
  story(): string
  /** Nothing will happen any more. */
  over(): boolean
}

/** Waits for what a connection, or an agent, has yet to do. */
export class Waiting {
  readonly #source: Source
  readonly #attempts = new Set<() => void>()

  constructor(source: Source) {
    this.#source = source
  }

  /** Resolves with the first truthy answer of `look`, asked after all that happens. Rejects with a `Deviation`. */
  until<T>(expected: string, look: () => T | undefined | false, limitMs: number = PATIENCE_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        this.#attempts.delete(attempt)
        act()
      }
      const refuse = (what: string): void => settle(() => reject(new Deviation(what, this.#source.story())))
      const attempt = (): void => {
        const found = look()
        if (found !== undefined && found !== false) settle(() => resolve(found))
        else if (this.#source.over()) refuse(expected)
      }
      const timer = setTimeout(() => refuse(`${expected} within ${Math.round(limitMs / 1000)} s`), limitMs)
      this.#attempts.add(attempt)
      attempt()
    })
  }

  /** Something has happened. */
  wake(): void {
    for (const attempt of [...this.#attempts]) attempt()
  }
}

/** Watches for so long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
