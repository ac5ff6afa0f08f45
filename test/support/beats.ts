import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Stage } from './stage.ts'
import { waitUntil } from './wait-until.ts'

/** A workflow whose executions beat into one file, so that two at a time would be seen there, whatever a server says. */
export class Beats {
  readonly id: string
  readonly #file: string
  readonly #gate: string

  private constructor(id: string, file: string, gate: string) {
    this.id = id
    this.#file = file
    this.#gate = gate
  }

  static async submit(
    stage: Stage,
    { name = 'beats', yaml = '', before = ':', flags = [] as string[] } = {},
  ): Promise<Beats> {
    const [file, gate] = [stage.path(`${name}.beats`), stage.path(`${name}.gate`)]
    const text = `
name: ${name}
${yaml}
steps:
  - name: beat
    commands: |
      ${before}
      until [ -e ${gate} ]; do echo "$DRUMLINE_ATTEMPT" >> ${file}; sleep 0.02; done
`
    return new Beats(await stage.submit(text, ...flags), file, gate)
  }

  /** Waits until an attempt has begun. */
  async of(attempt: number): Promise<void> {
    await waitUntil(() => this.#beats().includes(attempt), { limitMs: 90_000, what: `attempt ${attempt}` })
  }

  letGo(): void {
    writeFileSync(this.#gate, '')
  }

  /** These executions there were, and none of them beat after the next had begun. */
  expectOneAfterTheOther(...attempts: number[]): void {
    const beats = this.#beats()
    expect(beats.filter((attempt, at) => attempt !== beats[at - 1])).toEqual(attempts)
  }

  #beats(): number[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim().split('\n').map(Number) : []
  }
}
