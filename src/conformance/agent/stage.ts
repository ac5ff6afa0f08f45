import { CLOSE, type FrameOf, type StepSpec, type VerdictWord, type WorkflowSpec } from '../../protocol/index.ts'
import { Deviation } from '../verdict.ts'
import { PATIENCE_MS, pause } from '../waiting.ts'
import type { Desk } from './desk.ts'
import type { Judge } from './judge.ts'
import type { Script } from './script.ts'
import type { Visit } from './visit.ts'
import { Work } from './work.ts'

/** An agent may wait for 20 s before it dials, and its machine may be slow. */
const REDIAL_MS = 2 * PATIENCE_MS
/** Slots are short, so that a trial does not wait for the agent's backoff. */
const SLOT_MS = 200
/** What was on its way when something was said has come after this. */
const SETTLE_MS = 2_000

/** After a scene that went well an agent asks for more within this. */
const FREE_MS = 10_000
/** How late a first line may be; a slow machine counts. */
const PROMPT_MS = 5_000

/** A step that writes a line a second for minutes, and does not heed SIGTERM. */
const TICKS: StepSpec = {
  id: 's1',
  name: 'ticks',
  commands: ['trap \'\' TERM; i=0; while [ $i -lt 300 ]; do echo "tick $i"; i=$((i+1)); sleep 1; done'],
}
/** The last line that counts as stored, where not all are. */
export const UPTO = 2
/** Three lines. */
export const SHORT: StepSpec = { id: 's1', name: 'short', commands: ['echo one; echo two; echo three'] }

/** What a scene does with the agent: hands out work, cuts, waits. */
export class Stage {
  readonly desk: Desk

  constructor(desk: Desk) {
    this.desk = desk
  }

  get judge(): Judge {
    return this.desk.judge
  }

  /** From now on the desk behaves so. */
  script(script: Script): void {
    this.desk.script = script
  }

  until<T>(expected: string, look: () => T | undefined | false, limitMs?: number): Promise<T> {
    return this.desk.waiting.until(expected, look, limitMs)
  }

  /** The connection that there is, or comes. */
  present(): Promise<Visit> {
    return this.until('a connection with its hello', () => this.desk.visit, REDIAL_MS)
  }

  /** The first connection after this one. */
  after(visit: Visit): Promise<Visit> {
    const isNew = () => this.desk.visits.find(({ number, welcomed }) => number > visit.number && welcomed)
    return this.until('another connection with its hello', isNew, REDIAL_MS)
  }

  /** Hands out work once the agent asks for some. */
  async offer(steps: StepSpec[], more: Partial<WorkflowSpec> & { ttlMs?: number } = {}): Promise<Work> {
    const { ttlMs, ...spec } = more
    const work = new Work({ ...spec, steps }, ttlMs === undefined ? {} : { ttlMs })
    const visit = await this.judge.sees(
      'next',
      () =>
        this.until(
          'a next of the free agent',
          () => (this.desk.visit?.nexts.length ? this.desk.visit : undefined),
          REDIAL_MS,
        ),
      ({ nexts, capacity }) => `${nexts.length} open with a capacity of ${capacity}`,
    )
    this.desk.add(work)
    visit.wire.say({ type: 'response', id: visit.nexts.shift() ?? 0, result: work.offer })
    await this.judge.sees(
      'accept',
      () => this.until('init for the offer', () => work.of('init')[0], work.offer.offerMs),
      () => 'init',
    )
    return work
  }

  /** Work that has written some lines. */
  async running(more: Partial<WorkflowSpec> & { ttlMs?: number } = {}, lines = 3): Promise<Work> {
    const work = await this.offer([TICKS], more)
    await this.judge.sees(
      'lines',
      () => this.until(`${lines} lines of a step that writes one a second`, () => work.track('s1').end > lines),
      () => 'from 1, without holes',
    )
    const wait = Math.round((work.of('log')[0]?.at ?? 0) - (work.of('update')[0]?.at ?? 0))
    this.judge.that(
      'prompt',
      wait < PROMPT_MS,
      'the first line soon after the start of its step',
      `${wait} ms after it`,
    )
    return work
  }

  /** Drops the connection as a network does, with a slot for a quick return; the verdicts for the next hello. */
  async cut(verdicts: (hello: FrameOf<'hello'>) => FrameOf<'welcome'>['claims'] = () => []): Promise<Visit> {
    const visit = await this.present()
    visit.wire.say({ type: 'bye', afterMs: SLOT_MS, reason: 'a test of conformance' })
    await pause(SLOT_MS / 2)
    this.script({ ...this.desk.script, welcome: (hello) => ({ claims: verdicts(hello) }) })
    visit.wire.hangUp()
    const back = await this.after(visit)
    this.script({ ...this.desk.script, welcome: () => ({}) })
    return back
  }

  /** Nothing but receipts may come of a lease that is gone. `graceMs`: what may still be on its way. */
  async silent(work: Work, why: string, graceMs = SETTLE_MS): Promise<string> {
    await pause(graceMs)
    work.over = true
    const from = work.said.length
    await this.until('the agent to be free again', () => (this.desk.visit?.nexts.length ?? 0) > 0, REDIAL_MS)
    await pause(SETTLE_MS)
    const more = work.said.slice(from).filter(({ kind }) => kind !== 'receipt')
    if (more[0] !== undefined)
      throw new Deviation(`nothing more of the lease after ${why}`, `${more.length} × ${more[0].kind}`)
    return 'nothing more was said of it, and the agent asks for work'
  }

  /** Ends what is still held from a scene that went wrong, and begins anew. */
  async reset(): Promise<void> {
    this.script({})
    const isFree = () => (this.desk.visit?.nexts.length ?? 0) > 0
    if (await this.until('a free agent', isFree, FREE_MS).catch(() => false)) return
    const { visit } = this.desk
    if (visit === undefined) return
    visit.wire.say({ type: 'bye', afterMs: SLOT_MS, reason: 'the next test' })
    visit.wire.port.close(CLOSE.restart, 'the next test')
    await this.after(visit).catch(() => {})
  }
}

/** A verdict for one lease, with where its first step stands. */
export function verdict(work: Work, word: VerdictWord, upto?: number): FrameOf<'welcome'>['claims'][number] {
  const steps = upto === undefined ? [] : [{ stepId: 's1', upto }]
  return { lease: work.lease, verdict: word, steps }
}

/** What the agent claims of this lease. */
export function claimIn(visit: Visit, work: Work): FrameOf<'hello'>['claims'][number] | undefined {
  return visit.hello?.claims.find(({ lease }) => lease === work.lease)
}
