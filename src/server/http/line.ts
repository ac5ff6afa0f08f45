import { type Clock, DOOR } from '../../protocol/index.ts'

const SECOND_MS = 1000
/** A handshake is a write, and a fleet that comes back asks for thousands. */
const PER_SECOND = DOOR.perSecond
/** The last one's turn comes well before an agent gives its dial up. */
const LONGEST = DOOR.waiting

/** Told when it is one's turn, or how many seconds later to come again. */
type Tell = (comeAgainS: number | undefined) => void

/**
 * The line at the door. After an outage a fleet comes back together: whoever comes faster than the pace waits for a turn
 * rather than be refused and come again. Turns go round among those who come, each in its own order, so that one who
 * comes a thousand times keeps nobody else waiting; and when the line is full, it is his last that is sent off.
 */
export class Line {
  readonly #clock: Clock
  /** Whose turn is next stands first. None of them is empty. */
  readonly #queues = new Map<string, Tell[]>()
  #waiting = 0
  /** When turns were given within the last second, oldest first. */
  readonly #given: number[] = []
  #cancel: () => void = () => {}
  #open = true

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when it is the turn of this one of `who`'s; with a number when the line is too long: seconds to stay away. */
  turn(who: string): Promise<number | undefined> {
    if (!this.#open) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const queue = this.#queues.get(who)
      if (queue === undefined) this.#queues.set(who, [resolve])
      else queue.push(resolve)
      this.#waiting += 1
      if (this.#waiting > LONGEST) this.#sendOff()
      else if (this.#waiting === 1) this.#move()
    })
  }

  /** The door shuts: nobody waits any more. */
  dissolve(): void {
    this.#open = false
    this.#cancel()
    for (const queue of this.#queues.values()) for (const tell of queue) tell(undefined)
    this.#queues.clear()
    this.#waiting = 0
  }

  #move(): void {
    const now = this.#clock.monotonic()
    const old = this.#given.findIndex((at) => now - at < SECOND_MS)
    this.#given.splice(0, old < 0 ? this.#given.length : old)
    while (this.#given.length < PER_SECOND && this.#waiting > 0) {
      this.#given.push(now)
      this.#next()?.(undefined)
    }
    const [oldest = now] = this.#given
    if (this.#waiting > 0) this.#cancel = this.#clock.after(oldest + SECOND_MS - now, () => this.#move())
  }

  #next(): Tell | undefined {
    for (const [who, queue] of this.#queues) {
      this.#queues.delete(who)
      const tell = queue.shift()
      this.#waiting -= 1
      if (queue.length > 0) this.#queues.set(who, queue)
      return tell
    }
    return undefined
  }

  /** The last of whoever has most in the line; of two, of who came later. */
  #sendOff(): void {
    let longest: [who: string, queue: Tell[]] = ['', []]
    for (const entry of this.#queues) if (entry[1].length >= longest[1].length) longest = entry
    const [who, queue] = longest
    const tell = queue.pop()
    if (queue.length === 0) this.#queues.delete(who)
    this.#waiting -= 1
    // Not the same for all: they would fill it together once more.
    tell?.(Math.ceil((LONGEST / PER_SECOND) * (1 + Math.random())))
  }
}
