import { connect, type Socket } from 'node:net'
import { requestText, UPGRADE } from '../../server/support/served.ts'
import { waitUntil } from '../../support/wait-until.ts'

const MASKED = 0x80
const FIN = 0x80

export interface FrameOptions {
  /** Default 1, a text. */
  opcode?: number
  fin?: boolean
  /** The three reserved bits, 0 … 7. */
  reserved?: number
  masked?: boolean
  /** What the header says, whatever follows. */
  declares?: bigint
}

/** One WebSocket frame as bytes. The mask is zero: it changes nothing. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = options
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const first = (fin ? FIN : 0) | (reserved << 4) | opcode
  const length = lengthBytes(options.declares ?? BigInt(body.length))
  length[0] = (length[0] ?? 0) | (masked ? MASKED : 0)
  return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(masked ? 4 : 0), body])
}

function lengthBytes(length: bigint): Buffer {
  if (length < 126n) return Buffer.from([Number(length)])
  const wide = length > 0xffffn
  const bytes = Buffer.alloc(wide ? 9 : 3)
  bytes[0] = wide ? 127 : 126
  if (wide) bytes.writeBigUInt64BE(length, 1)
  else bytes.writeUInt16BE(Number(length), 1)
  return bytes
}

export const HELLO = { type: 'hello', versions: [1], features: [], boot: 'bare', dial: 1, claims: [] }

/** A TCP socket that says what no WebSocket library would, and understands what a server answers. */
export class BareSocket {
  readonly socket: Socket
  /** What has come and is not understood yet: first the head of the answer, then frames. */
  #bytes = Buffer.alloc(0)
  #opened = false
  /** Of the HTTP answer, 0 before it. */
  status = 0
  head = ''
  /** Messages, oldest first. */
  readonly texts: string[] = []
  readonly pongs: string[] = []
  /** Of the server's close frame; 1006 where the connection went without one. */
  closeCode: number | undefined

  constructor(port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => this.#take(chunk))
    this.socket.on('close', () => {
      this.closeCode ??= 1006
    })
  }

  /** Asks for the upgrade, with whatever follows it at once. Resolves with the status. */
  async upgrade(token: string, options: { behind?: Buffer; headers?: Record<string, string> } = {}): Promise<number> {
    const headers = { ...UPGRADE, authorization: `Bearer ${token}`, ...options.headers }
    this.socket.write(Buffer.concat([Buffer.from(requestText(headers)), options.behind ?? Buffer.alloc(0)]))
    await waitUntil(() => this.status !== 0 || this.closeCode, { what: 'an answer to the upgrade', limitMs: 60_000 })
    return this.status
  }

  /** Up to the welcome of an operator. */
  async enter(token: string): Promise<void> {
    await this.upgrade(token)
    this.say(HELLO)
    await this.hears('"welcome"')
  }

  say(value: object): void {
    this.socket.write(frame(JSON.stringify(value)))
  }

  async hears(part: string): Promise<string> {
    const look = () => this.texts.find((text) => text.includes(part)) ?? (this.closeCode === undefined ? null : '')
    return waitUntil(look, { what: part, limitMs: 60_000 }) as Promise<string>
  }

  /** The code of the end, once it has come. */
  ended(limitMs = 60_000): Promise<number> {
    return waitUntil(() => this.closeCode, { what: 'the end', limitMs }) as Promise<number>
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (!this.#opened) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      this.head = this.#bytes.subarray(0, end).toString('latin1')
      this.status = Number(this.head.split(' ')[1])
      this.#bytes = this.#bytes.subarray(end + 4)
      this.#opened = this.status === 101
    }
    if (this.#opened) while (this.#frame());
  }

  /** The server waits for an answer to its goodbye: the end of the socket is one. */
  #closed(payload: Buffer): void {
    this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0)
    this.socket.destroy()
  }

  /** Takes one frame, which is whole and unmasked. */
  #frame(): boolean {
    const [first = 0, second = 0] = this.#bytes
    if (this.#bytes.length < 2) return false
    const wide = second === 127 ? 8 : second === 126 ? 2 : 0
    if (this.#bytes.length < 2 + wide) return false
    const length =
      wide === 8 ? Number(this.#bytes.readBigUInt64BE(2)) : wide === 2 ? this.#bytes.readUInt16BE(2) : second
    const end = 2 + wide + length
    if (this.#bytes.length < end) return false
    const payload = this.#bytes.subarray(2 + wide, end)
    this.#bytes = this.#bytes.subarray(end)
    const opcode = first & 0x0f
    if (opcode === 1) this.texts.push(payload.toString('utf8'))
    else if (opcode === 8) this.#closed(payload)
    else if (opcode === 10) this.pongs.push(payload.toString('utf8'))
    return true
  }
}
