import type { Clock } from '../../protocol/index.ts'
import type { Owed } from '../owed.ts'
import { type Actor, ITSELF } from '../store/audit.ts'
import type { Store } from '../store/store.ts'

/** The same refusal, come again within this, is counted instead of written. */
const WINDOW_MS = 60_000
/** Different ones in a window that have a row of their own: whoever floods us with them must not fill the disk. */
const MOST = 60
/** Of what a refused call named. */
const SUBJECTS = 10

export interface Refused {
  action: string
  subjects: readonly string[]
  outcome: string
}

interface Repeated extends Refused {
  who: Actor
  times: number
  since: number
}

interface RefusalsOptions {
  store: Pick<Store, 'note'>
  clock: Clock
  owed: Owed
}

/** What was refused, for the audit trail. The first is written at once; its like are counted for a minute, and are one row. */
export class Refusals {
  readonly #options: RefusalsOptions
  readonly #known = new Map<string, Repeated>()
  #others = 0
  #othersSince = 0
  #cancel: (() => void) | undefined

  constructor(options: RefusalsOptions) {
    this.#options = options
  }

  note(who: Actor, { action, subjects, outcome }: Refused): void {
    const now = this.#options.clock.now()
    const key = JSON.stringify([who.credentialId, who.address, action, outcome])
    const known = this.#known.get(key)
    if (known !== undefined) {
      if (known.times === 0) known.since = now
      known.times += 1
    } else if (this.#known.size < MOST) {
      const refused = { action, outcome, subjects: subjects.slice(0, SUBJECTS) }
      this.#known.set(key, { ...refused, who, times: 0, since: now })
      this.#write(who, refused)
    } else {
      if (this.#others === 0) this.#othersSince = now
      this.#others += 1
    }
    this.#cancel ??= this.#options.clock.after(WINDOW_MS, () => this.flush())
  }

  /** Writes what was counted; at the end of the server too. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const known = [...this.#known.values()]
    this.#known.clear()
    for (const { who, times, since, ...refused } of known) {
      if (times > 0) this.#write(who, { ...refused, times, since })
    }
    const others = {
      action: 'several',
      subjects: [],
      outcome: 'refused',
      times: this.#others,
      since: this.#othersSince,
    }
    if (this.#others > 0) this.#write(ITSELF, others)
    this.#others = 0
  }

  #write(who: Actor, deed: Refused & { times?: number; since?: number }): void {
    const { store, owed } = this.#options
    owed.add('noting a refusal', store.note(who, deed))
  }
}
