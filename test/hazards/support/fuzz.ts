import fc from 'fast-check'
import { type Frame, frameText, METHODS, type MethodName } from '../../../src/protocol/index.ts'
import { anyFrame, METHOD_NAMES, shapedLike } from '../../protocol/arbitrary.ts'
import { Random } from '../../support/random.ts'
import { goldenFrames } from '../../wire/golden.ts'

type Json = Record<string, unknown>

/** The way to a state has taken the ids before it. */
const FIRST_ID = 100

/** How many of each are drawn; what is said are their mutations. */
const DRAWN = { frames: 400, params: 15 }
const CHARS = ['"', '{', '}', '[', ']', '0', '-', '\\', ',', ':', '9', 'e', '\u0000', 'ü', '\ud800']
const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  'x',
  'x'.repeat(5_000),
  [],
  {},
  [[[[]]]],
  { json: 1 },
  { __proto__: 1 },
  Array(300).fill(0),
  Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, at])),
  'L7',
  's1',
  'W1',
]

/** Says things that a peer might: good frames of every kind, and what is left of them after somebody changed them. */
export class Fuzz {
  readonly #random: Random
  readonly #frames: readonly Frame[]
  readonly #goldens = goldenFrames().map(({ text }) => text)
  readonly #params: ReadonlyMap<MethodName, readonly unknown[]>
  #id = FIRST_ID

  readonly #rude: number

  /** `rude`: the part of messages that may be no frame any more, which ends the connection. */
  constructor(seed: number, rude: number) {
    this.#rude = rude
    this.#random = new Random(seed)
    this.#frames = fc.sample(anyFrame, { numRuns: DRAWN.frames, seed })
    this.#params = new Map(
      METHOD_NAMES.map((name) => [name, fc.sample(shapedLike(METHODS[name].params), { numRuns: DRAWN.params, seed })]),
    )
  }

  /** The next message. */
  next(): string {
    if (this.#random.next() >= this.#rude) return this.#request()
    const kind = this.#random.next()
    if (kind < 0.6) return this.#changed(this.#random.pick(this.#frames) as Json)
    if (kind < 0.8) return this.#random.pick(this.#goldens)
    return this.#garbled(kind < 0.9 ? frameText(this.#random.pick(this.#frames)) : this.#random.pick(this.#goldens))
  }

  newConnection(): void {
    this.#id = FIRST_ID
  }

  /** A request whose envelope is good: it must be answered, whatever its params are. */
  #request(): string {
    const method = this.#random.pick(METHOD_NAMES)
    const params = this.#random.pick(this.#params.get(method) ?? [{}])
    this.#id += 1
    const frame = {
      type: 'request',
      id: this.#id,
      method,
      params: this.#random.next() < 0.5 ? params : this.#change(params),
    }
    return JSON.stringify(this.#random.next() < 0.3 ? { ...frame, key: `key-${this.#id}` } : frame)
  }

  #changed(frame: Json): string {
    const { type } = frame
    const text = JSON.stringify({ ...(this.#change(frame) as Json), ...(this.#random.next() < 0.9 ? { type } : {}) })
    return this.#random.next() < 0.1 ? `[${text},${text}]` : text
  }

  /** One of its fields is another, or gone, or new; somewhere within. */
  #change(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.#random.next() < 0.1) return this.#random.pick(JUNK)
    if (Array.isArray(value)) return value.map((item) => (this.#random.next() < 0.5 ? this.#change(item) : item))
    const entries = Object.entries(value)
    const at = this.#random.between(0, entries.length)
    const [name, old] = entries[at] ?? [this.#random.next() < this.#rude / 4 ? 'constructor' : 'surprise', undefined]
    const { [name]: _gone, ...rest } = value as Json
    return this.#random.next() < 0.2 ? rest : { ...rest, [name]: this.#change(old) }
  }

  #garbled(text: string): string {
    const at = this.#random.between(0, text.length - 1)
    return text.slice(0, at) + this.#random.pick(CHARS) + text.slice(at + this.#random.between(0, 2))
  }
}
