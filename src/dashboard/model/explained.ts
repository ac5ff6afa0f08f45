import { type ReadonlySignal, signal } from '@preact/signals'
import { type Clock, type ResultOf, systemClock } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'

export type Reason = ResultOf<'explain'>['reasons'][number]

/** Why a workflow has not begun. */
export interface Explanation {
  /** As the server said last; null until it did. */
  readonly reasons: readonly Reason[] | null
  /** Why it could not be asked anew, or empty. */
  readonly trouble: string
}

/** The server is asked no sooner again, however much changes. */
const APART_MS = 2_000
/** Some reasons end by time alone. */
const ANEW_MS = 10_000

/** Asks the server why a workflow has not begun, again and again while somebody wants to know. */
export class Explained {
  readonly #bus: Pick<Bus, 'call'>
  readonly #id: string
  readonly #clock: Clock
  readonly #explanation = signal<Explanation>({ reasons: null, trouble: '' })
  readonly #stop = new AbortController()
  #cancelTimer: () => void = () => {}
  #asked = Number.NEGATIVE_INFINITY
  #busy = false
  #changed = false

  constructor(bus: Pick<Bus, 'call'>, id: string, clock: Clock = systemClock) {
    this.#bus = bus
    this.#id = id
    this.#clock = clock
    this.touch()
  }

  get explanation(): ReadonlySignal<Explanation> {
    return this.#explanation
  }

  /** Something has changed that the reasons may hang on. */
  touch(): void {
    this.#changed = true
    if (!this.#busy) this.#after(APART_MS)
  }

  close(): void {
    this.#stop.abort()
    this.#cancelTimer()
  }

  #after(ms: number): void {
    this.#cancelTimer()
    if (this.#stop.signal.aborted) return
    const wait = this.#asked + ms - this.#clock.monotonic()
    if (wait > 0) this.#cancelTimer = this.#clock.after(wait, () => void this.#ask())
    else void this.#ask()
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    this.#busy = true
    this.#changed = false
    this.#asked = this.#clock.monotonic()
    try {
      const { reasons } = await this.#bus.call('explain', { id: this.#id }, { signal: this.#stop.signal })
      this.#say({ reasons, trouble: '' })
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error)
      this.#say({ ...this.#explanation.value, trouble })
    }
    this.#busy = false
    this.#after(this.#changed ? APART_MS : ANEW_MS)
  }

  #say(explanation: Explanation): void {
    if (!this.#stop.signal.aborted) this.#explanation.value = explanation
  }
}
