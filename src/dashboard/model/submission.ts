import { type ReadonlySignal, signal } from '@preact/signals'
import { nanoid } from 'nanoid'
import { PAGE } from './address.ts'

/** What is wrong with a file, and where; without a line it is about all of it. */
export interface Mistake {
  readonly line?: number
  readonly column?: number
  readonly message: string
}

/** What the server says of the text as it stands. */
export type Verdict =
  | { readonly state: 'empty' | 'asking' }
  | { readonly state: 'wrong'; readonly mistakes: readonly Mistake[] }
  | { readonly state: 'good'; readonly workflows: readonly Planned[] }
  /** Nobody could be asked. */
  | { readonly state: 'unknown'; readonly why: string }

export interface Planned {
  readonly name: string
  readonly steps: readonly string[]
  readonly secrets: readonly string[]
}

/** What is typed is checked when nothing was typed for so long. */
const PAUSE_MS = 400
const DRAFT = 'drumline-draft'
const FILE = 'workflow.yaml'

/** A workflow file that somebody writes. The server that would run it says what is wrong with it, and nobody else. */
export class Submission {
  readonly #text = signal(sessionStorage.getItem(DRAFT) ?? '')
  readonly #verdict = signal<Verdict>({ state: 'empty' })
  #asked = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Of one wish to submit: sent again after an answer that was lost, it adds nothing twice. */
  #key = nanoid()

  constructor() {
    this.#later(0)
  }

  get text(): ReadonlySignal<string> {
    return this.#text
  }

  get verdict(): ReadonlySignal<Verdict> {
    return this.#verdict
  }

  write(text: string): void {
    this.#text.value = text
    this.#key = nanoid()
    sessionStorage.setItem(DRAFT, text)
    this.#later(PAUSE_MS)
  }

  /** Resolves with the ids; rejects with a sentence, and shows what is wrong with the file. */
  async submit(secrets: Readonly<Record<string, string>>): Promise<string[]> {
    const { status, body } = await this.#post('', { secrets }, new AbortController().signal, {
      'idempotency-key': this.#key,
    })
    if (status === 201) {
      sessionStorage.removeItem(DRAFT)
      return (body as { workflows: { id: string }[] }).workflows.map(({ id }) => id)
    }
    const verdict = wrong(body)
    this.#verdict.value = verdict
    throw new Error(verdict.mistakes[0]?.message ?? 'the server did not take it')
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#asked.abort()
  }

  #later(ms: number): void {
    this.close()
    if (this.#text.value.trim() === '') {
      this.#verdict.value = { state: 'empty' }
      return
    }
    this.#verdict.value = { state: 'asking' }
    this.#timer = setTimeout(() => void this.#check(), ms)
  }

  async #check(): Promise<void> {
    this.#asked = new AbortController()
    const aborted = this.#asked.signal
    try {
      const { status, body } = await this.#post('/check', {}, aborted)
      if (aborted.aborted) return
      this.#verdict.value = status === 200 ? { state: 'good', ...(body as { workflows: Planned[] }) } : wrong(body)
    } catch (error) {
      if (aborted.aborted) return
      this.#verdict.value = { state: 'unknown', why: error instanceof Error ? error.message : String(error) }
    }
  }

  async #post(path: string, more: object, abort: AbortSignal, headers: Record<string, string> = {}) {
    const response = await fetch(new URL(`api/workflows${path}`, PAGE.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ files: [{ name: FILE, text: this.#text.value }], ...more }),
      signal: abort,
    })
    // A proxy that answers in the server's place has no JSON.
    if (response.headers.get('drumline') !== '1')
      throw new Error(`something on the way answered with HTTP ${response.status}`)
    return { status: response.status, body: (await response.json()) as unknown }
  }
}

function wrong(body: unknown): Extract<Verdict, { state: 'wrong' }> {
  const { error } = body as { error?: { message: string; details?: Mistake[] } }
  return { state: 'wrong', mistakes: error?.details ?? [{ message: error?.message ?? 'the server did not say why' }] }
}
