import type { WorkflowDetail, WorkflowStateName } from '../../src/protocol/index.ts'
import type { RawEnd } from './raw-end.ts'
import { waitUntil } from './wait-until.ts'

const ENDED: readonly WorkflowStateName[] = ['success', 'failure', 'canceled', 'skipped', 'error']

/** Looks at the server again and again, over one connection while that holds; a server that is away is no error. */
export class Watcher {
  readonly #dial: () => Promise<RawEnd>
  #end: RawEnd | undefined

  constructor(dial: () => Promise<RawEnd>) {
    this.#dial = dial
  }

  /** The workflow, or null if the server cannot be asked. */
  async get(id: string): Promise<WorkflowDetail | null> {
    return this.#ask((end) => end.call('get', { id }))
  }

  async isOnline(name: string): Promise<boolean | null> {
    const answer = await this.#ask((end) => end.call('agents', {}))
    return answer?.agents.some((agent) => agent.name === name && agent.state === 'online') ?? null
  }

  /** An attempt's lines as they were stored: what steps printed, and how many lines there are of any kind. */
  async log(id: string, attempt: number): Promise<{ output: string[]; stored: number }> {
    const output: string[] = []
    let stored = 0
    for (let after: string | undefined; ; ) {
      const place = after === undefined ? {} : { after }
      const page = await waitUntil(() => this.#ask((end) => end.call('logs', { id, attempt, ...place })))
      for (const part of page.parts.filter((one) => one.kind === 'lines')) {
        const lines = part.text.split('\n')
        const kinds = part.runs.flatMap(([count, , kind]) => Array<string>(count).fill(kind))
        stored += kinds.length
        output.push(...lines.filter((_, at) => kinds[at] === 'out' || kinds[at] === 'err'))
      }
      if (!page.more || page.next === null) return { output, stored }
      after = page.next
    }
  }

  /** Waits for a workflow to become so, and answers it. */
  async until(
    id: string,
    fits: (workflow: WorkflowDetail) => boolean,
    { limitMs = 30_000, what = 'the awaited state' } = {},
  ): Promise<WorkflowDetail> {
    let last: WorkflowDetail | null = null
    const look = async () => {
      last = await this.get(id)
      return last !== null && fits(last) ? last : null
    }
    try {
      return await waitUntil(look, { limitMs })
    } catch (error) {
      throw new Error(`${what} of ${id} did not come; it is ${JSON.stringify(last)}`, { cause: error })
    }
  }

  /** Waits until nothing more will come of it: the workflow has ended and its log is settled. */
  async ended(id: string, limitMs = 30_000): Promise<WorkflowDetail> {
    const isOver = ({ state, logs }: WorkflowDetail) => ENDED.includes(state) && logs !== 'open'
    return this.until(id, isOver, { limitMs, what: 'the end' })
  }

  async close(): Promise<void> {
    await this.#end?.close()
  }

  async #ask<T>(call: (end: RawEnd) => Promise<T>): Promise<T | null> {
    try {
      if (this.#end === undefined || this.#end.closed) this.#end = await this.#dial()
      return await call(this.#end)
    } catch (error) {
      if (this.#end !== undefined && !this.#end.closed) throw error
      return null
    }
  }
}
