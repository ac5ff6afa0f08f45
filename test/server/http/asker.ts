export interface Ask {
  body?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

export interface Refused {
  status: number
  code: string
  message: string
  details?: { file?: string; line?: number; column?: number; message: string }[]
  headers: Headers
}

/** Asks a server over HTTP as the bearer of a token, or of none. */
export class Asker {
  readonly #url: string
  readonly #token: string | undefined

  constructor(url: string, token?: string) {
    this.#url = url
    this.#token = token
  }

  fetch(method: string, path: string, { body, headers, signal }: Ask = {}): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: { ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }), ...headers },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    })
  }

  /** The JSON of a success; throws on anything else. */
  async json<T = unknown>(method: string, path: string, ask?: Ask): Promise<T> {
    const response = await this.fetch(method, path, ask)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }

  /** The refusal; its body must have the one form of all. */
  async refused(method: string, path: string, ask?: Ask): Promise<Refused> {
    const response = await this.fetch(method, path, ask)
    const { status, headers } = response
    const body = (await response.json()) as { error: Pick<Refused, 'code' | 'message' | 'details'> }
    if (Object.keys(body).join() !== 'error') throw new Error(`no refusal: ${status} ${JSON.stringify(body)}`)
    return { status, headers, ...body.error }
  }

  /** A workflow file submitted; its id. */
  async submit(text: string): Promise<string> {
    const { workflows } = await this.json<{ workflows: { id: string }[] }>('POST', '/api/workflows', { body: text })
    const [workflow] = workflows
    if (workflow === undefined) throw new Error('nothing was submitted')
    return workflow.id
  }
}
