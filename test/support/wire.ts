import type { SocketPort } from '../../src/socket/index.ts'

/** A ping and its answer, as bytes on a TCP socket. */
const PING_BYTES = 6
/** What either end learns when the other fell away. */
const ABNORMAL = 1006

/** One direction of a wire: what goes this way arrives in order, a microtask later, or waits while it is held. */
class Lane {
  #held: (() => void)[] | undefined

  /** Nothing passes and nobody is told. */
  hold(): void {
    this.#held ??= []
  }

  /** What was sent meanwhile arrives. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const arrive of held) this.carry(arrive)
  }

  carry(arrive: () => void): void {
    if (this.#held === undefined) queueMicrotask(arrive)
    else this.#held.push(arrive)
  }
}

/** A socket in memory, end to end: pings are answered by the other end, and each direction can fall silent by itself. */
export class Wire {
  readonly up = new Lane()
  readonly down = new Lane()
  readonly client: SocketPort
  readonly server: SocketPort

  constructor() {
    const [client, server] = [new WireEnd(this.up), new WireEnd(this.down)]
    client.join(server)
    server.join(client)
    this.client = client
    this.server = server
  }

  hold(): void {
    this.up.hold()
    this.down.hold()
  }

  release(): void {
    this.up.release()
    this.down.release()
  }
}

class WireEnd implements SocketPort {
  readonly #lane: Lane
  #other: WireEnd = this
  #state: 'open' | 'closing' | 'closed' = 'open'
  #read = 0
  #written = 0
  #onText: (text: string) => void = () => {}
  #onClose: (code: number, reason: string) => void = () => {}

  constructor(lane: Lane) {
    this.#lane = lane
  }

  join(other: WireEnd): void {
    this.#other = other
  }

  send(text: string): void {
    if (this.#state === 'open') this.#carry(text.length, () => this.#other.#take(text))
  }

  ping(): void {
    if (this.#state === 'open') this.#carry(PING_BYTES, () => this.#other.#pong())
  }

  /** Over once the other end has answered; whoever does not want to wait for that terminates. */
  close(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#carry(PING_BYTES, () => this.#other.#goodbye(code, reason))
  }

  terminate(): void {
    if (this.#state === 'closed') return
    const other = this.#other
    this.#end(ABNORMAL, '')
    this.#lane.carry(() => other.#end(ABNORMAL, ''))
  }

  buffered(): number {
    return 0
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

  onText(listener: (text: string) => void): void {
    this.#onText = listener
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
  }

  #carry(bytes: number, arrive: () => void): void {
    this.#written += bytes
    this.#lane.carry(() => {
      this.#other.#read += bytes
      arrive()
    })
  }

  #take(text: string): void {
    if (this.#state !== 'closed') this.#onText(text)
  }

  #pong(): void {
    if (this.#state === 'open') this.#carry(PING_BYTES, () => {})
  }

  #goodbye(code: number, reason: string): void {
    if (this.#state === 'open') this.#carry(PING_BYTES, () => this.#other.#end(code, reason))
    this.#end(code, reason)
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    queueMicrotask(() => this.#onClose(code, reason))
  }
}
