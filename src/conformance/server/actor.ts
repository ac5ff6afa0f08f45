import {
  type Claim,
  type FrameOf,
  MESSAGE,
  newId,
  type Offer,
  type Phase,
  type ResultOf,
} from '../../protocol/index.ts'
import { dial, type Network, type RawPort } from '../../socket/index.ts'
import { Deviation, expects } from '../verdict.ts'
import { type Answer, Wire } from '../wire.ts'

/** Some day in 2025: what agents say of time is theirs. */
const SINCE = 1_760_000_000_000

export interface Identity {
  readonly url: URL
  readonly token: string
  readonly name: string
  readonly label: string
  readonly boot?: string
  readonly dial?: number
  readonly capacity?: number
  readonly claims?: readonly Claim[]
}

/** An end that can also say what the bus does not know. */
export type RawWire = Wire<RawPort>

/** Opens a connection and says nothing. */
export async function open(url: URL, token: string, network: Network): Promise<RawWire> {
  return new Wire(await dial(url, { token, network, maxBytes: MESSAGE.helloBytes }), 'server')
}

export function helloOf({
  name,
  label,
  boot = newId(),
  dial: number = 1,
  capacity = 1,
  claims = [],
}: Omit<Identity, 'url' | 'token'>) {
  // The `!` keeps the work of others away: only a workflow that asks for this label fits.
  const labels = { '!conformance': label }
  const agent = { name, version: '1', platform: 'linux/amd64', backend: 'conformance', capacity, labels }
  return { type: 'hello', versions: [1], features: [], boot, dial: number, agent, claims }
}

/** An agent that does only what it is told. */
export class Actor {
  readonly wire: RawWire
  readonly identity: Identity
  readonly welcome: FrameOf<'welcome'>

  private constructor(wire: RawWire, identity: Identity, welcome: FrameOf<'welcome'>) {
    this.wire = wire
    this.identity = identity
    this.welcome = welcome
  }

  /** Dials and is welcomed. */
  static async enter(wire: RawWire, identity: Identity): Promise<Actor> {
    wire.say(helloOf(identity))
    return new Actor(wire, identity, await wire.hears('welcome'))
  }

  get id(): string {
    return this.welcome.agent?.id ?? ''
  }

  /** What the server said to the claim of this lease. */
  verdict(lease: string): FrameOf<'welcome'>['claims'][number] | undefined {
    return this.welcome.claims.find((claim) => claim.lease === lease)
  }

  /** Waits for an offer, without accepting it. */
  async next(): Promise<Offer> {
    const offer = await this.wire.call('next', {})
    if (offer === null) throw new Deviation('an offer', 'null')
    return offer
  }

  /** Takes the next offer and accepts it. */
  async take(): Promise<Offer> {
    const offer = await this.next()
    await this.accept(offer.lease)
    return offer
  }

  async accept(lease: string): Promise<ResultOf<'init'>> {
    const { result, error } = await this.init(lease)
    if (error !== undefined) throw new Deviation('init to be accepted', `${error.code}: ${error.message}`)
    return result
  }

  init(lease: string): Promise<Answer<ResultOf<'init'>>> {
    return this.wire.ask('init', { lease, state: { started: SINCE, finished: 0, error: '', canceled: false } })
  }

  update(
    lease: string,
    seq: number,
    step: { stepId?: string; exitCode?: number; started?: number } = {},
  ): Promise<Answer<object>> {
    const { stepId = 's1', exitCode, started = SINCE } = step
    const ended = exitCode !== undefined
    const state = ended ? (exitCode === 0 ? ('success' as const) : ('failure' as const)) : ('running' as const)
    const times = { started, finished: ended ? SINCE + 9 : null, exitCode: exitCode ?? null }
    return this.wire.ask('update', { lease, seq, step: { stepId, state, ...times, error: '' } })
  }

  done(lease: string, lines = 0): Promise<Answer<object>> {
    const times = { started: SINCE, finished: SINCE + 9 }
    const step = { stepId: 's1', state: 'success' as const, ...times, exitCode: 0, error: '', lines }
    return this.wire.ask('done', { lease, state: { ...times, error: '', canceled: false }, steps: [step] })
  }

  async verdictOf(lease: string, phase: Phase = 'running'): Promise<string | undefined> {
    const { claims } = await this.wire.call('extend', { leases: [{ lease, phase }] })
    return claims.find((claim) => claim.lease === lease)?.verdict
  }

  log(lease: string, from: number, lines: readonly string[], stepId = 's1'): void {
    const text = lines.map((line) => `${line}\n`).join('')
    this.wire.say({ type: 'log', lease, stepId, from, text, runs: [[lines.length, 0, 'out']] })
  }

  receipt(lease: string, revision: number, phase: string): void {
    this.wire.say({ type: 'receipt', lease, revision, phase })
  }

  /** Waits until the server says that lines up to here are on disk. */
  stored(lease: string, upto: number, from = 0): Promise<FrameOf<'stored'>> {
    return this.wire.hears('stored', (frame) => frame.lease === lease && frame.upto >= upto, { from })
  }
}

/** An answer must be this error. */
export function refused(answer: Answer<unknown>, code: string, what: string): void {
  expects(
    answer.error?.code === code,
    `${what} to be refused as ${code}`,
    () => answer.error ?? { result: answer.result },
  )
}

export function claimOf(lease: string, phase: Phase, next = 1): Claim {
  return { lease, phase, steps: [{ stepId: 's1', next }] }
}
