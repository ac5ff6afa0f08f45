import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { WorkflowDetail } from '../../src/protocol/index.ts'
import type { Stage } from './stage.ts'
import { waitUntil } from './wait-until.ts'

/** A workflow that counts aloud until it is let go, and leaves a mark in a file each time it is started. */
export class Ticker {
  readonly id: string
  readonly #stage: Stage
  readonly #name: string

  private constructor(stage: Stage, name: string, id: string) {
    this.#stage = stage
    this.#name = name
    this.id = id
  }

  static async submit(stage: Stage, { name = 'ticker', yaml = '', flags = [] as string[] } = {}): Promise<Ticker> {
    const [runs, made, gate] = ['runs', 'made', 'gate'].map((what) => stage.path(`${name}.${what}`))
    const text = `
name: ${name}
${yaml}
steps:
  - name: tick
    commands: |
      echo "$DRUMLINE_ATTEMPT" >> ${runs}
      tick=0
      until [ -e ${gate} ]; do
        tick=$((tick + 1))
        echo "tick $tick of $DRUMLINE_ATTEMPT"
        echo >> ${made}
        sleep 0.02
      done
      echo "last $tick of $DRUMLINE_ATTEMPT"
  - name: after
    commands: echo after
`
    return new Ticker(stage, name, await stage.submit(text, ...flags))
  }

  /** Waits until so many lines are stored, of this attempt. */
  async ticked(lines = 1, attempt = 1): Promise<WorkflowDetail> {
    const fits = (now: WorkflowDetail) => now.attempt === attempt && (now.steps[0]?.lines ?? 0) >= lines
    return this.#stage.watch.until(this.id, fits, { what: `${lines} lines of attempt ${attempt}` })
  }

  /** Waits until it has gone on by so many ticks, whatever the server knows of them. */
  async goesOn(ticks: number): Promise<void> {
    const made = () => statSync(this.#stage.path(`${this.#name}.made`)).size
    const before = made()
    await waitUntil(() => made() >= before + ticks, { limitMs: 60_000, what: `${ticks} ticks more` })
  }

  /** Lets every attempt end. */
  letGo(): void {
    writeFileSync(this.#stage.path(`${this.#name}.gate`), '')
  }

  /** The attempt numbers of all executions there have been, in order. */
  executions(): number[] {
    const file = this.#stage.path(`${this.#name}.runs`)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
  }

  /**
   * Its log is every tick of this attempt, each once and in order, and nothing else. Between its steps there is no order:
   * after an outage they take turns.
   */
  async expectWholeLog(attempt: number): Promise<void> {
    const { stdout } = await this.#stage.run(['logs', this.id, '--attempt', String(attempt), '--json'])
    const rows = stdout.trimEnd().split('\n')
    const lines = rows.map((row) => JSON.parse(row) as { step: string; kind: string; text: string })
    const said = (of: string) => lines.flatMap(({ step, kind, text }) => (step === of && kind === 'out' ? [text] : []))
    const ticks = said('tick').length - 1
    const expected = Array.from({ length: ticks }, (_, at) => `tick ${at + 1} of ${attempt}`)
    expect(said('tick')).toEqual([...expected, `last ${ticks} of ${attempt}`])
    expect(said('after')).toEqual(['after'])
  }

  /** It ended well as its first attempt, was executed once, and its log is whole. */
  async expectOnce(limitMs = 45_000): Promise<void> {
    const ended = await this.#stage.watch.ended(this.id, limitMs)
    expect(ended).toMatchObject({ state: 'success', attempt: 1, logs: 'complete', missing: [] })
    expect(this.executions()).toEqual([1])
    await this.expectWholeLog(1)
  }
}
