import type { FrameOf, Offer, ResultOf } from '../../src/protocol/index.ts'
import type { RawEnd } from './raw-end.ts'
import type { Stage } from './stage.ts'

const SINCE = 1_760_000_000_000

export interface RawAgentOptions {
  name: string
  boot?: string
  dial?: number
  claims?: FrameOf<'hello'>['claims']
  url?: string
}

/** An agent that does only what it is told: it keeps no lease alive and repeats nothing. */
export class RawAgent {
  readonly end: RawEnd

  private constructor(end: RawEnd) {
    this.end = end
  }

  static async open(stage: Stage, { name, boot, dial, claims, url }: RawAgentOptions): Promise<RawAgent> {
    const agent = { name, version: '1', platform: 'linux/amd64', backend: 'raw', capacity: 1, labels: { raw: name } }
    const hello = { agent, ...(boot && { boot }), ...(dial && { dial }), ...(claims && { claims }) }
    const token = await stage.agentToken()
    return new RawAgent(await stage.raw({ token, hello, ...(url && { url }) }))
  }

  /** Takes the next offer and accepts it. */
  async take(): Promise<Offer> {
    const offer = await this.end.call('next', {})
    if (offer === null) throw new Error('no offer')
    await this.init(offer.lease)
    return offer
  }

  init(lease: string): Promise<ResultOf<'init'>> {
    return this.end.call('init', { lease, state: { started: SINCE, finished: 0, error: '', canceled: false } })
  }

  update(lease: string, stepId: string, seq: number): Promise<ResultOf<'update'>> {
    const step = { stepId, state: 'running' as const, started: SINCE, finished: null, exitCode: null, error: '' }
    return this.end.call('update', { lease, seq, step })
  }

  extend(lease: string): Promise<ResultOf<'extend'>> {
    return this.end.call('extend', { leases: [{ lease, phase: 'running' }] })
  }

  done(lease: string, stepId: string, lines: number): Promise<ResultOf<'done'>> {
    const result = { state: 'success' as const, started: SINCE, finished: SINCE + 1, exitCode: 0, error: '' }
    const state = { started: SINCE, finished: SINCE + 1, error: '', canceled: false }
    return this.end.call('done', { lease, state, steps: [{ stepId, ...result, lines }] })
  }

  log(lease: string, stepId: string, from: number, ...lines: string[]): void {
    const text = lines.map((line) => `${line}\n`).join('')
    this.end.send({ type: 'log', lease, stepId, from, text, runs: [[lines.length, 0, 'out']] })
  }
}
