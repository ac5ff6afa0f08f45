import { Secrets } from './secrets.ts'

/** Makes secrets unreadable in a text. */
export type Mask = (text: string) => string

const STARS = '********'

export const noMask: Mask = (text) => text

/** Masks in texts that stand alone. A secret that two of them share is not seen: that takes a `StreamMask`. */
export function maskOf(secrets: Readonly<Record<string, string>>): Mask {
  const known = new Secrets(secrets)
  if (known.empty) return noMask
  return (text) => {
    const stream = new StreamMask(known)
    return stream.push(text) + stream.end()
  }
}

/** Masks a stream however it is cut: holds back what may be the beginning of a secret until more comes. */
export class StreamMask {
  readonly #secrets: Secrets
  #held = ''
  /** So much of what is held has been shown already, as stars. */
  #shown = 0

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** Whether it holds something back. */
  get holding(): boolean {
    return this.#held !== ''
  }

  /** What can be shown by now. */
  push(text: string): string {
    const all = this.#held + text
    return this.#show(all, all.length - this.#secrets.beginningAtEndOf(all))
  }

  /** What was held: nothing more comes. */
  end(): string {
    return this.#show(this.#held, this.#held.length)
  }

  #show(all: string, upTo: number): string {
    let text = ''
    let at = this.#shown
    for (const [from, to] of this.#secrets.in(all)) {
      if (from >= upTo) break
      // One that begins under stars which were shown goes on with them.
      if (from >= at) text += all.slice(at, from) + STARS
      at = Math.max(at, to)
    }
    text += all.slice(at, upTo)
    this.#held = all.slice(upTo)
    this.#shown = Math.max(0, at - upTo)
    return text
  }
}
