import type { Frame, FrameType } from '../../src/protocol/index.ts'
import type { SocketPort } from '../../src/socket/index.ts'
import type { Tap } from './tap.ts'
import type { Turns } from './turns.ts'

type Item =
  | { kind: 'text'; text: string }
  | { kind: 'ping' | 'pong' | 'cut' }
  | { kind: 'close'; code: number; reason: string }
export type Side = 'client' | 'server'

/** What befalls the next frame of a kind that comes to a side. */
export interface Mishap {
  at: Side
  types: readonly FrameType[]
  /** Of answers: to what. */
  methods?: readonly string[]
  /** `cut`: it is lost with the connection. */
  act: 'drop' | 'duplicate' | 'cut'
}

const BOTH: readonly Side[] = ['client', 'server']

/** One connection in memory: each message waits for its turn, and either direction may stand still. */
export class Wire {
  readonly client: End
  readonly server: End
  readonly #tap: Tap
  readonly #mishaps: Mishap[] = []

  constructor(turns: Turns, tap: Tap) {
    this.#tap = tap
    this.client = new End(this, 'client', turns)
    this.server = new End(this, 'server', turns)
  }

  get open(): boolean {
    return !this.client.ended && !this.server.ended
  }

  end(side: Side): End {
    return side === 'client' ? this.client : this.server
  }

  plan(mishap: Mishap): void {
    this.#mishaps.push(mishap)
  }

  /** Both ends lose it at once, with all that is under way. */
  cut(): void {
    this.client.lose()
    this.server.lose()
  }

  heal(): void {
    this.#mishaps.length = 0
    this.hold(false)
  }

  /** What comes to a side, or to both, stands still. */
  hold(held: boolean, ...sides: Side[]): void {
    for (const side of sides.length === 0 ? BOTH : sides) this.end(side).hold(held)
  }

  sent(from: Side, text: string): void {
    for (const frame of framesOf(text)) this.#tap.sent(from, frame)
  }

  /** What of a message arrives. */
  arriving(at: Side, text: string): string[] {
    const frames = framesOf(text).flatMap((frame) => this.#suffer(at, frame))
    for (const frame of frames) this.#tap.arrived(at, frame)
    return frames.map((frame) => JSON.stringify(frame))
  }

  #suffer(at: Side, frame: Frame): Frame[] {
    const index = this.#mishaps.findIndex((mishap) => mishap.at === at && this.#strikes(mishap, frame))
    if (index === -1) return [frame]
    const [mishap] = this.#mishaps.splice(index, 1)
    if (mishap?.act === 'cut') this.cut()
    return mishap?.act === 'duplicate' ? [frame, frame] : []
  }

  #strikes({ types, methods }: Mishap, frame: Frame): boolean {
    if (!types.includes(frame.type)) return false
    if (methods === undefined) return true
    return 'id' in frame && methods.includes(this.#tap.methodOf(frame.id) ?? '')
  }
}

/** One side's socket; what was sent to it queues here until it arrives. */
class End implements SocketPort {
  readonly #wire: Wire
  readonly #side: Side
  readonly #turns: Turns
  readonly #inbox: Item[] = []
  #held = false
  #paused = false
  #closing = false
  #moving = false
  #read = 0
  #written = 0
  #text: ((text: string) => void) | undefined
  #close: ((code: number, reason: string) => void) | undefined
  ended: { code: number; reason: string } | undefined

  constructor(wire: Wire, side: Side, turns: Turns) {
    this.#wire = wire
    this.#side = side
    this.#turns = turns
  }

  send(text: string): void {
    if (this.ended !== undefined || this.#closing) return
    this.#written += text.length
    this.#wire.sent(this.#side, text)
    this.#other.take({ kind: 'text', text })
  }

  close(code: number, reason: string): void {
    if (this.ended !== undefined || this.#closing) return
    this.#closing = true
    this.#other.take({ kind: 'close', code, reason })
  }

  terminate(): void {
    if (this.ended !== undefined) return
    this.#other.take({ kind: 'cut' })
    this.lose()
  }

  ping(): void {
    if (this.ended === undefined) this.#other.take({ kind: 'ping' })
  }

  buffered(): number {
    return this.#other.#inbox.reduce((sum, item) => sum + (item.kind === 'text' ? item.text.length : 0), 0)
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#move()
  }

  hold(held: boolean): void {
    this.#held = held
    this.#move()
  }

  onText(listener: (text: string) => void): void {
    this.#text = listener
    this.#move()
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener
    if (this.ended !== undefined) listener(this.ended.code, this.ended.reason)
  }

  bytesRead(): number {
    return this.#read
  }

  bytesWritten(): number {
    return this.#written
  }

  quietMs(): number {
    return 0
  }

  take(item: Item): void {
    if (this.ended !== undefined) return
    this.#inbox.push(item)
    this.#move()
  }

  lose(): void {
    this.#end(1006, '')
  }

  get #other(): End {
    return this.#wire.end(this.#side === 'client' ? 'server' : 'client')
  }

  #move(): void {
    if (this.#moving || !this.#moves) return
    this.#moving = true
    void this.#run()
  }

  get #moves(): boolean {
    const ready = this.#text !== undefined && this.ended === undefined && !this.#held && !this.#paused
    return ready && this.#inbox.length > 0
  }

  /** Owned by the wire; never rejects, but for a bug. */
  async #run(): Promise<void> {
    while (this.#moves) {
      await this.#turns.take(`to ${this.#side}`)
      if (this.#moves) this.#arrive(this.#inbox.shift())
    }
    this.#moving = false
  }

  #arrive(item: Item | undefined): void {
    this.#read += item?.kind === 'text' ? item.text.length : 6
    if (item?.kind === 'text') {
      for (const text of this.#wire.arriving(this.#side, item.text)) if (this.ended === undefined) this.#text?.(text)
    } else if (item?.kind === 'ping') this.#other.take({ kind: 'pong' })
    else if (item?.kind === 'cut') this.lose()
    else if (item?.kind === 'close') {
      this.#end(item.code, item.reason)
      this.#other.#end(item.code, item.reason)
    }
  }

  #end(code: number, reason: string): void {
    if (this.ended !== undefined) return
    this.ended = { code, reason }
    this.#inbox.length = 0
    queueMicrotask(() => this.#close?.(code, reason))
  }
}

function framesOf(text: string): Frame[] {
  const message = JSON.parse(text) as Frame | Frame[]
  return Array.isArray(message) ? message : [message]
}
