import { CLOSE, MESSAGE } from '../../src/protocol/index.ts'
import { busUrl, dial, type SocketPort } from '../../src/socket/index.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A subscriber that keeps every message of the server as the text that came. */
export class Ear {
  readonly messages: string[] = []
  readonly #port: SocketPort
  #asked = 0

  private constructor(port: SocketPort) {
    this.#port = port
    port.onText((text) => this.messages.push(text))
    port.onClose(() => {})
  }

  static async open(url: string, token: string): Promise<Ear> {
    const ear = new Ear(await dial(busUrl(url), { token, maxBytes: MESSAGE.helloBytes }))
    ear.#say({ type: 'hello', versions: [1], features: [], boot: 'ear', dial: 1, claims: [] })
    await ear.hears('"welcome"')
    return ear
  }

  /** Subscribes, and waits for the snapshot. */
  async subscribe(topic: string): Promise<void> {
    const id = ++this.#asked
    this.#say({ type: 'request', id, method: 'subscribe', params: { subscription: `s${id}`, topic } })
    await this.hears(`{"type":"response","id":${id},`)
  }

  /** Waits for a message that holds this text. */
  async hears(text: string): Promise<void> {
    await waitUntil(() => this.messages.some((message) => message.includes(text)), { what: `${text} on the bus` })
  }

  close(): void {
    this.#port.close(CLOSE.normal, '')
  }

  #say(frame: unknown): void {
    this.#port.send(JSON.stringify(frame))
  }
}
