import type {
  ClaimVerdict,
  LogRun,
  StepResult,
  StepState,
  StepStateName,
  WorkflowState,
} from '../../../../src/protocol/index.ts'
import type { By, Claim, HelloAsk, Store } from './types.ts'

interface Home {
  readonly store: Store
}

/** An agent as the store sees it: connects, takes work, reports. */
export class Agent {
  readonly name: string
  readonly #home: Home
  #by: By | undefined
  #boot: string
  #dial = 0
  #seq = 0

  constructor(home: Home, name: string) {
    this.#home = home
    this.name = name
    this.#boot = `boot of ${name}`
  }

  get by(): By {
    if (this.#by === undefined) throw new Error('not connected')
    return this.#by
  }

  get boot(): string {
    return this.#boot
  }

  get id(): string {
    return this.by.agentId
  }

  /** Says hello and expects to be admitted. */
  async connect(ask: Partial<HelloAsk> = {}): Promise<ClaimVerdict[]> {
    const answer = await this.hello(ask)
    if (!answer.admitted) throw new Error(`not admitted: ${answer.why}`)
    this.#by = { agentId: answer.agentId, connection: answer.connection }
    return answer.claims
  }

  /** Says hello with the next dial, claiming nothing unless told. */
  hello(ask: Partial<HelloAsk> = {}) {
    this.#boot = ask.boot ?? this.#boot
    return this.#home.store.hello({
      credentialId: 'fleet',
      agent: { name: this.name, version: '1.0', platform: 'linux/amd64', backend: 'local', capacity: 2, labels: {} },
      boot: this.#boot,
      dial: ++this.#dial,
      replaces: [],
      claims: [],
      ...ask,
    })
  }

  /** The verdict on one claim, of a new connection that makes only this one. */
  async claim(lease: string, phase: Claim['phase'], lines: Record<string, number> = {}, ask: Partial<HelloAsk> = {}) {
    const steps = Object.entries(lines).map(([stepId, made]) => ({ stepId, next: made + 1 }))
    const [verdict] = await this.connect({ claims: [{ lease, phase, steps }], ...ask })
    if (verdict === undefined) throw new Error('no verdict')
    return verdict
  }

  async offered(id: string): Promise<string> {
    const offer = await this.#home.store.offer(id, this.by)
    if (offer === null) throw new Error(`${id} was not offered`)
    return offer.lease
  }

  async start(id: string): Promise<string> {
    const lease = await this.offered(id)
    await this.accept(lease)
    return lease
  }

  accept(lease: string, by = this.by) {
    return this.#home.store.accept(by, lease, stateOf({ started: 1_000 }))
  }

  update(lease: string, step: Partial<StepState>, seq = ++this.#seq, by = this.by): Promise<void> {
    return this.#home.store.update(by, lease, seq, stepOf(step))
  }

  /** Done with every step in this state, having written so many lines. */
  finish(
    lease: string,
    ends: Record<string, StepStateName> = { s1: 'success', s2: 'success' },
    options: { state?: Partial<WorkflowState>; lines?: Record<string, number>; by?: By } = {},
  ): Promise<void> {
    const steps: StepResult[] = Object.entries(ends).map(([stepId, state]) => ({
      ...stepOf({ stepId, state, exitCode: state === 'failure' ? 1 : 0 }),
      lines: options.lines?.[stepId] ?? 0,
    }))
    return this.#home.store.finish(options.by ?? this.by, lease, stateOf({ started: 1_000, ...options.state }), steps)
  }

  /** Takes and finishes a workflow. */
  async run(id: string, ends?: Record<string, StepStateName>): Promise<void> {
    await this.finish(await this.start(id), ends)
  }

  extend(lease: string, phase: Claim['phase'] = 'running') {
    return this.#home.store.extend(this.by, [{ lease, phase }])
  }

  /** Lines `from` … whose text is given, one string a line. */
  log(lease: string, stepId: string, from: number, lines: string[], by = this.by) {
    const runs: LogRun[] = [[lines.length, 5, 'out']]
    const text = lines.map((line) => `${line}\n`).join('')
    return this.#home.store.appendLog(by, { lease, stepId, from, to: from + lines.length - 1, lines: { text, runs } })
  }

  gap(lease: string, stepId: string, from: number, to: number, reason = 'the spool was full') {
    return this.#home.store.appendLog(this.by, { lease, stepId, from, to, lines: null, reason })
  }
}

function stateOf(state: Partial<WorkflowState>): WorkflowState {
  return { started: 0, finished: 0, error: '', canceled: false, ...state }
}

function stepOf(step: Partial<StepState>): StepState {
  return { stepId: 's1', state: 'running', started: 1_000, finished: null, exitCode: null, error: '', ...step }
}
