import { type RunningAgent, runAgent } from '../../../src/agent/index.ts'
import { SHAPE, type WorkflowSpec, type WorkflowView, workflowSpec } from '../../../src/protocol/index.ts'
import type { RawEnd } from '../../support/raw-end.ts'
import type { Stage } from '../../support/stage.ts'
import { waitUntil } from '../../support/wait-until.ts'

type Write = (text: string) => void

const QUICK = { agents: 3, capacity: 16 }
const AT_ONCE = 100
/** Of a log: 100 bytes with its end. */
const LINE = `${'a line of a log, as builds write them, '.repeat(3).slice(0, 99)}\n`
const PATIENCE_MS = 180_000

/** A server whose agents have much to do, over sockets: one writes a long log, the others end one workflow after the other. */
export class BusyServer {
  readonly operator: RawEnd
  /** The workflow with the long log. */
  loud = ''
  /** Lines that it was told to write. */
  said = 0
  readonly #agents: RunningAgent[] = []
  #write: Write | undefined
  #hush: () => void = () => {}

  static async open(stage: Stage): Promise<BusyServer> {
    const busy = new BusyServer(await stage.operator())
    await busy.#start(stage.server.url, await stage.agentToken())
    return busy
  }

  private constructor(operator: RawEnd) {
    this.operator = operator
  }

  /** The loud one writes so many lines of 100 bytes more. */
  say(lines: number): void {
    this.said += lines
    for (let left = lines; left > 0; left -= AT_ONCE) this.#write?.(LINE.repeat(Math.min(left, AT_ONCE)))
  }

  /** So many workflows come and end, the loud one too: all of them well, at the first attempt, with whole logs. */
  async finish(workflows: number): Promise<void> {
    for (let left = workflows; left > 0; left -= AT_ONCE) await this.#submit('quick', Math.min(left, AT_ONCE))
    this.#hush()
    await waitUntil(() => this.#isIdle(), { what: 'the end of all the work', limitMs: PATIENCE_MS })
    const isWell = ({ state, attempt, logs }: WorkflowView) =>
      state === 'success' && attempt === 1 && logs === 'complete'
    const well = async () => (await this.#all()).filter(isWell).length === workflows + 1
    await waitUntil(well, { what: 'the good end of all the work', limitMs: PATIENCE_MS })
  }

  async close(): Promise<void> {
    this.#hush()
    await Promise.all(this.#agents.map((agent) => agent.stop('the test is over')))
  }

  async #start(url: string, token: string): Promise<void> {
    const hushed = new Promise<void>((resolve) => {
      this.#hush = resolve
    })
    const agent = (kind: string, at: number, capacity: number, work: (log: Write) => void | Promise<void>) =>
      runAgent({
        url,
        token,
        agent: { name: `${kind}-${at}`, capacity, labels: { kind } },
        run: async (job) => void (await job.steps[0]?.run(work)),
      })
    const speak = (log: Write) => {
      this.#write = log
      return hushed
    }
    this.#agents.push(agent('loud', 1, 1, speak))
    for (let at = 1; at <= QUICK.agents; at++) {
      this.#agents.push(agent('quick', at, QUICK.capacity, (log) => log('done\n')))
    }
    const [loud = ''] = await this.#submit('loud', 1)
    this.loud = loud
    await waitUntil(() => this.#write, { what: 'the loud one', limitMs: PATIENCE_MS })
  }

  async #submit(kind: string, count: number): Promise<string[]> {
    const spec: WorkflowSpec = workflowSpec({
      name: kind,
      labels: { kind },
      steps: [{ name: 'one', commands: ['true'] }],
    })
    const workflows = Array.from({ length: count }, () => spec)
    const answer = await this.operator.call('submit', { workflows, secrets: {} })
    return answer.workflows.map(({ id }) => id)
  }

  /** Costs the server less to say than all there was. */
  async #isIdle(): Promise<boolean> {
    const { pending, waiting, offered, running } = await this.operator.call('queue.info', {})
    return pending + waiting + offered + running === 0
  }

  async #all(): Promise<WorkflowView[]> {
    const all: WorkflowView[] = []
    for (let before: string | null | undefined; before !== null; ) {
      const page = await this.operator.call('list', {
        limit: SHAPE.pageMax,
        ...(before === undefined ? {} : { before }),
      })
      all.push(...page.workflows)
      before = page.next
    }
    return all
  }
}
