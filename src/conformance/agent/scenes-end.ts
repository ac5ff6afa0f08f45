import { CLOSE, LEASE } from '../../protocol/index.ts'
import { Deviation, expects } from '../verdict.ts'
import { PATIENCE_MS, pause } from '../waiting.ts'
import { HELD } from './script.ts'
import type { Stage } from './stage.ts'
import type { Work } from './work.ts'

const SLOT_MS = 4_000
/** After this it is told to go; its slot comes later. */
const LEAVE_MS = 1_000
const SILENCE_MS = 3_000
/** A short lease, so that its end can be waited for. */
const TTL_MS = 15_000
const GRACE_MS = 1_000
/** What a slow machine may add to an interval. */
const LATE_MS = 2_000
/** An agent that means to come back does so within this: its slot is short. */
const STAYS_MS = 10_000
const NEVER_SEEN = { retry: 4417, stop: 4617 } as const

/** Times at which the lease was in an `extend`, with its phase. */
function extendsOf(stage: Stage, work: Work): { at: number; phase: string }[] {
  return stage.desk.extends.flatMap(({ at, leases }) =>
    leases.filter(({ lease }) => lease === work.lease).map(({ phase }) => ({ at, phase })),
  )
}

/** A lease that is kept for a while, and then not any more. */
export async function fence(stage: Stage): Promise<void> {
  const { judge } = stage
  const work = await stage.running({ ttlMs: TTL_MS, graceMs: GRACE_MS }, 1)
  await judge.sees(
    'extend',
    () => oftenEnough(stage, work),
    (seen) => seen,
  )
  // From here on nobody answers: not answering is what a server does that the agent cannot reach.
  const last = performance.now()
  work.over = true
  stage.script({ call: ({ method }) => (method === 'extend' ? HELD : undefined) })
  await judge.sees(
    'fence',
    async () => {
      const limit = TTL_MS + LEASE.expireLateMs
      const isFenced = () => extendsOf(stage, work).find(({ phase }) => phase === 'fenced')
      const { at } = await stage.until('an extend with the phase fenced', isFenced, limit + PATIENCE_MS)
      const lines = work.of('log').at(-1)?.at ?? 0
      expects(at - last <= limit, `fenced within ${limit} ms`, () => `${Math.round(at - last)} ms`)
      expects(lines <= at + LATE_MS, 'no line once it is fenced', () => `${Math.round(lines - at)} ms later`)
      expects(work.of('done').length === 0, 'no done', () => work.of('done')[0]?.params)
      return `${Math.round((at - last) / 1000)} s after the last answer, with a lease of ${TTL_MS / 1000} s`
    },
    (seen) => seen,
  )
}

async function oftenEnough(stage: Stage, work: Work): Promise<string> {
  const start = performance.now()
  await pause(TTL_MS)
  const times = [
    start,
    ...extendsOf(stage, work)
      .map(({ at }) => at)
      .filter((at) => at > start),
    start + TTL_MS,
  ]
  const waits = times.slice(1).map((at, index) => at - (times[index] ?? at))
  const longest = Math.max(...waits)
  const most = Math.min(TTL_MS / LEASE.extendsPerTtl, LEASE.extendMs) + LATE_MS
  expects(longest <= most, `an extend every ${most} ms`, () => `${Math.round(longest)} ms without one`)
  return `${times.length - 2} in a lease of ${TTL_MS / 1000} s`
}

/** A server that goes, and says when to come back. */
export async function bye(stage: Stage): Promise<void> {
  const visit = await stage.present()
  const dials = stage.desk.knocks.length
  const since = performance.now()
  visit.wire.say({ type: 'bye', afterMs: SLOT_MS, reason: 'a test' })
  await pause(LEAVE_MS)
  visit.wire.port.close(CLOSE.restart, 'a test')
  await stage.judge.sees(
    'bye',
    async () => {
      const at = await stage.until('a dial at its slot', () => stage.desk.knocks[dials], SLOT_MS + PATIENCE_MS)
      const waited = Math.round(at - since)
      expects(waited > SLOT_MS * 0.9, `a dial after its slot of ${SLOT_MS} ms`, () => `${waited} ms`)
      expects(waited < SLOT_MS + PATIENCE_MS / 2, 'a dial at its slot, not by its own backoff', () => `${waited} ms`)
      return `after ${waited} ms, with a slot of ${SLOT_MS} ms`
    },
    (seen) => seen,
  )
  await stage.after(visit)
}

/** A connection that falls silent, without an end. */
export async function silence(stage: Stage): Promise<void> {
  const heartbeat = { intervalMs: SILENCE_MS / 2, timeoutMs: SILENCE_MS }
  const before = await stage.present()
  stage.script({ welcome: () => ({ heartbeat }) })
  before.wire.say({ type: 'bye', afterMs: 200, reason: 'a test' })
  before.wire.port.close(CLOSE.restart, 'a test')
  const quiet = await stage.after(before)
  stage.script({})
  const dials = stage.desk.knocks.length
  await stage.judge.sees(
    'silence',
    async () => {
      const at = await stage.until('another dial', () => stage.desk.knocks[dials], SILENCE_MS + 2 * PATIENCE_MS)
      return `dialled again ${Math.round((at - quiet.since) / 1000)} s after, with a timeout of ${SILENCE_MS / 1000} s`
    },
    (seen) => seen,
  )
  await stage.after(quiet)
}

/** A code of the range that says: come back. */
export async function retryCode(stage: Stage): Promise<void> {
  const visit = await stage.present()
  visit.wire.port.close(NEVER_SEEN.retry, 'a code that nobody has seen')
  await stage.judge.sees(
    'retryCodes',
    () => stage.after(visit),
    () => `came back after ${NEVER_SEEN.retry}`,
  )
}

/** The last scene: a code of the range that says: stay away. */
export async function stopCode(stage: Stage): Promise<void> {
  const visit = await stage.present()
  const dials = stage.desk.knocks.length
  visit.wire.say({ type: 'bye', afterMs: 200, reason: 'a test' })
  visit.wire.port.close(NEVER_SEEN.stop, 'a code that nobody has seen')
  await stage.judge.sees(
    'stopCodes',
    async () => {
      await pause(STAYS_MS)
      const boot = visit.hello?.boot
      const back = stage.desk.visits.filter(({ number, hello }) => number > visit.number && hello?.boot === boot)
      const [first] = back
      if (first !== undefined) throw new Deviation(`to stay away after ${NEVER_SEEN.stop}`, `the same boot came back`)
      return stage.desk.knocks.length - dials
    },
    () => `stayed away for ${STAYS_MS / 1000} s after ${NEVER_SEEN.stop}`,
  )
}
