import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'ws'

/** A page behind a proxy: it logs in, gets a ticket, and opens the bus as a browser does. */
export class ProxiedPage {
  readonly #url: string
  readonly #ca: string
  readonly #origin: string
  #cookie = ''

  constructor(url: string, ca: string) {
    this.#url = url
    this.#ca = ca
    this.#origin = new URL(url).origin
  }

  /** What its first subscription to a topic is answered. */
  async subscribe(token: string, topic: string): Promise<{ cookie: string; result: unknown }> {
    await this.#ask('/api/login', { token })
    const { ticket } = (await this.#ask('/api/ticket', {})) as { ticket: string }
    const ws = new WebSocket(`${this.#url.replace('https:', 'wss:')}/bus`, 'drumline.v1', {
      origin: this.#origin,
      headers: { cookie: this.#cookie },
      ca: this.#ca,
      perMessageDeflate: false,
    })
    try {
      const result = await new Promise((resolve, reject) => {
        const say = (frame: object) => ws.send(JSON.stringify(frame))
        ws.on('open', () =>
          say({ type: 'hello', versions: [1], features: [], boot: 'page', dial: 1, claims: [], ticket }),
        )
        ws.on('message', (data) => {
          for (const frame of [JSON.parse(data.toString())].flat()) {
            if (frame.type === 'welcome')
              say({ type: 'request', id: 1, method: 'subscribe', params: { subscription: 's', topic } })
            if (frame.type === 'response') resolve(frame.result)
            if (frame.type === 'error') reject(new Error(JSON.stringify(frame)))
          }
        })
        ws.on('error', reject).on('close', (code) => reject(new Error(`closed with ${code}`)))
      })
      return { cookie: this.#cookie, result }
    } finally {
      ws.terminate()
    }
  }

  #ask(path: string, body: object): Promise<unknown> {
    const headers = {
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      cookie: this.#cookie,
    }
    return new Promise((resolve, reject) => {
      const asked = request(
        `${this.#url}${path}`,
        { method: 'POST', ca: this.#ca, agent: false, headers },
        (answer) => {
          const [cookie] = answer.headers['set-cookie'] ?? []
          if (cookie !== undefined) this.#cookie = cookie.split(';', 1)[0] ?? ''
          text(answer).then(
            (said) => (answer.statusCode === 200 ? resolve(JSON.parse(said)) : reject(new Error(said))),
            reject,
          )
        },
      )
      asked.on('error', reject).end(JSON.stringify(body))
    })
  }
}
