import { type AgentPeer, connect } from '../../src/agent/index.ts'
import type { Offer, WorkflowDetail, WorkflowSpec } from '../../src/protocol/index.ts'
import type { RawEnd } from './raw-end.ts'
import type { Stage } from './stage.ts'
import { TcpProxy } from './tcp-proxy.ts'

const BYTES_PER_SECOND = 1_000_000
const LOUD = 3
/** Workflows beside them at a time. */
const LANES = 4
/** With its newline a line of logs as builds write them has about so many bytes. */
const LINE_BYTES = 100
/** Lines that are written at once. */
const BURST = 160

/** What control took while logs were waiting: milliseconds, and bytes that the link had carried meanwhile. */
export interface Control {
  /** From the operator's call to the agent's own `wait`. */
  cancelMs: number
  /** From the cancel to its receipt, by the server's clock. */
  receiptMs: number
  receiptBytes: number
  extendMs: number
  doneMs: number
}

/** An agent behind a link of 1 MB/s, with logs waiting in it, and an operator beside the link. */
export class SlowLink {
  readonly proxy: TcpProxy
  readonly loud: Offer[] = []
  readonly #operator: RawEnd
  readonly #peer: AgentPeer
  #lines = 0

  private constructor(proxy: TcpProxy, operator: RawEnd, peer: AgentPeer) {
    this.proxy = proxy
    this.#operator = operator
    this.#peer = peer
  }

  static async open(stage: Stage): Promise<SlowLink> {
    const proxy = await TcpProxy.to(stage.server.port)
    const token = await stage.agentToken()
    const agent = { name: 'loud', capacity: LOUD + LANES }
    const peer = connect({ url: proxy.url, token, agent })
    stage.cleanups.push(async () => {
      await peer.close()
      await proxy.close()
    })
    await peer.ready()
    const link = new SlowLink(proxy, await stage.operator(), peer)
    for (let at = 0; at < LOUD; at++) link.loud.push(await link.#take())
    proxy.up.weather = { bytesPerSecond: BYTES_PER_SECOND }
    return link
  }

  /** Hands over so many bytes of lines, a third of them in each of three workflows. */
  flood(bytes: number): void {
    const bursts = Math.ceil(bytes / (LOUD * BURST * LINE_BYTES))
    for (let burst = 0; burst < bursts; burst++) {
      const line = `burst ${burst} `.padEnd(LINE_BYTES - 1, '.')
      const text = `${line}\n`.repeat(BURST)
      for (const work of this.loud) this.#peer.enqueueLog(work, { stepId: 's1', kind: 'out', text })
    }
    this.#lines += bursts * BURST
  }

  /** Lines that each loud workflow was given. */
  get lines(): number {
    return this.#lines
  }

  /** Runs one more workflow: extends its lease, has it cancelled, and ends it. */
  async control(): Promise<Control> {
    const work = await this.#take()
    const extendMs = await took(() => this.#peer.extend(work))
    const asked = performance.now()
    const before = this.proxy.up.passed
    const stopped = this.#peer.wait(work).then(() => performance.now() - asked)
    await this.#operator.call('cancel', { ids: [work.workflowId], reason: 'probe' })
    const cancelMs = await stopped
    const { cancel } = await this.#until(work, (now) => now.cancel?.received != null)
    const receiptBytes = this.proxy.up.passed - before
    const receiptMs = (cancel?.received?.getTime() ?? Number.NaN) - (cancel?.requested.getTime() ?? 0)
    const doneMs = await took(() => this.#end(work, true))
    return { cancelMs, receiptMs, receiptBytes, extendMs, doneMs }
  }

  /** So many of them, a few at a time. */
  async controls(count: number): Promise<Control[]> {
    const all: Control[] = []
    const lane = async () => {
      while (all.length < count) all.push(await this.control())
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return all
  }

  /** Ends the loud workflows; their lines may still be on their way. */
  async end(): Promise<void> {
    await Promise.all(this.loud.map((work) => this.#end(work, false)))
  }

  /** Lines of each loud workflow that are on the server's disk. */
  async stored(): Promise<number[]> {
    const all = await Promise.all(this.loud.map(({ workflowId }) => this.#operator.call('get', { id: workflowId })))
    return all.map(({ steps }) => steps[0]?.lines ?? 0)
  }

  async #take(): Promise<Offer> {
    await this.#operator.call('submit', { workflows: [SPEC], secrets: {} })
    const offer = await this.#peer.next()
    if (offer === null) throw new Error('no offer')
    await this.#peer.init(offer, { started: Date.now(), finished: 0, error: '', canceled: false })
    return offer
  }

  async #until({ workflowId }: Offer, fits: (now: WorkflowDetail) => boolean): Promise<WorkflowDetail> {
    for (;;) {
      const now = await this.#operator.call('get', { id: workflowId })
      if (fits(now)) return now
    }
  }

  #end(work: Offer, canceled: boolean): Promise<void> {
    return this.#peer.done(work, { started: Date.now(), finished: Date.now(), error: '', canceled })
  }
}

const SPEC: WorkflowSpec = {
  name: 'slow link',
  labels: {},
  environment: {},
  priority: 0,
  timeoutMs: 3_600_000,
  graceMs: 1_000,
  onOutage: 'stop',
  maxAttempts: 1,
  dependsOn: [],
  runsOn: [],
  secrets: [],
  steps: [{ id: 's1', name: 'write', commands: [] }],
}

async function took(ask: () => Promise<unknown>): Promise<number> {
  const asked = performance.now()
  await ask()
  return performance.now() - asked
}
