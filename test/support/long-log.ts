import { type Offer, utf8Length } from '../../src/protocol/index.ts'
import { RawAgent } from './raw-agent.ts'
import type { Stage } from './stage.ts'
import { waitUntil } from './wait-until.ts'

/** What a line costs of the credit beside its bytes. */
const LINE_COST = 32
/** Of one frame; both within what a frame may have. */
const FRAME_LINES = 500
const FRAME_CHARS = 12 * 1024

/** The log of a step that runs, written over the bus as fast as the server takes it: no process, no shell. */
export class LongLog {
  readonly id: string
  readonly agent: RawAgent
  readonly #offer: Offer
  #next = 1
  #spent = 0

  private constructor(id: string, agent: RawAgent, offer: Offer) {
    this.id = id
    this.agent = agent
    this.#offer = offer
  }

  /** Submits a workflow of one step and takes it. `name` is the agent's, the workflow's and the step's. */
  static async open(stage: Stage, name: string): Promise<LongLog> {
    const agent = await RawAgent.open(stage, { name })
    const id = await stage.submit(
      `name: ${name}\nlabels: {raw: ${name}}\nsteps:\n  - name: ${name}\n    commands: ':'\n`,
    )
    const offer = await agent.take()
    const log = new LongLog(id, agent, offer)
    await agent.update(offer.lease, log.stepId, 1)
    return log
  }

  get lease(): string {
    return this.#offer.lease
  }

  get stepId(): string {
    const [step] = this.#offer.workflow.steps
    if (step === undefined) throw new Error('the offer has no step')
    return step.id
  }

  /** Lines so far, those of gaps too. */
  get lines(): number {
    return this.#next - 1
  }

  /** Writes so many lines more, all on disk when it resolves; `line` makes one of its number. ASCII is fastest. */
  async write(count: number, line: (number: number) => string = lineText): Promise<void> {
    const last = this.lines + count
    while (this.#next <= last) {
      const lines: string[] = []
      for (let chars = 0; this.lines + lines.length < last && lines.length < FRAME_LINES && chars < FRAME_CHARS; ) {
        const text = line(this.#next + lines.length)
        chars += text.length + 1
        lines.push(text)
      }
      await this.#send(lines)
    }
    await this.agent.end.hears('stored', ({ upto }) => upto >= last, 120_000)
  }

  /** Lines that will not come. */
  async gap(count: number, reason: string): Promise<void> {
    const from = this.#next
    this.#next += count
    this.agent.end.send({ type: 'gap', lease: this.lease, stepId: this.stepId, from, to: from + count - 1, reason })
    await this.agent.end.hears('stored', ({ upto }) => upto >= this.lines, 120_000)
  }

  /** The step ends, and the workflow. */
  async done(): Promise<void> {
    await this.agent.done(this.lease, this.stepId, this.lines)
  }

  async #send(lines: readonly string[]): Promise<void> {
    this.#spent += lines.reduce((sum, line) => sum + utf8Length(line) + 1 + LINE_COST, 0)
    if (this.#limit() < this.#spent) {
      await waitUntil(() => this.#limit() >= this.#spent, { limitMs: 120_000, what: 'credit' })
    }
    this.agent.log(this.lease, this.stepId, this.#next, ...lines)
    this.#next += lines.length
  }

  /** What the server has allowed so far; what else was heard is forgotten, or looking would take longer and longer. */
  #limit(): number {
    const { end } = this.agent
    const limit = end.heard.findLast((frame) => frame.type === 'credit')?.limit ?? end.welcome.credit
    if (end.heard.length > 1000) end.heard.splice(1, end.heard.length - 500)
    return limit
  }
}

function lineText(number: number): string {
  return `line ${number} of a long log, as builds write them`
}
