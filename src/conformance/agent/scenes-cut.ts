import { BusError, type FrameOf } from '../../protocol/index.ts'
import { Deviation, expects } from '../verdict.ts'
import { PATIENCE_MS, pause } from '../waiting.ts'
import { HELD, stale } from './desk.ts'
import { ended } from './scenes-work.ts'
import { claimIn, SHORT, type Stage, verdict } from './stage.ts'
import type { Visit } from './visit.ts'
import type { Said, Work } from './work.ts'

/** Whoever dials sooner after a cut has not waited at random. */
const AT_ONCE_MS = 150
/** The last line that counts as stored. */
const UPTO = 2

/** What was said of a lease on this connection. */
const on = (visit: Visit, work: Work): Said[] => work.said.filter((one) => one.visit === visit.number)

/** Requests of a connection, by method. */
const methods = ({ wire }: Visit): string[] => wire.all('request').map(({ method }) => method)

/** The first request must be this one again. */
async function firstAgain(stage: Stage, visit: Visit, method: string): Promise<string> {
  await stage.until(`${method} again`, () => methods(visit).includes(method))
  const others = methods(visit).filter((name) => !['health', 'register', 'version', 'extend'].includes(name))
  expects(others[0] === method, `${method} before anything new`, () => others)
  return `${method} came first`
}

function claimed(visit: Visit, work: Work, phase: string): string {
  const claim = claimIn(visit, work)
  expects(claim?.phase === phase, `a claim of the lease as ${phase}`, () => claim ?? visit.hello?.claims)
  const next = claim.steps.find(({ stepId }) => stepId === 's1')?.next ?? 1
  const { end } = work.track('s1')
  expects(next >= end, `next of s1 to be ${end} or more`, () => claim)
  return `${phase}, next ${next}`
}

/** A cut in the midst of work, with an update that was not answered and lines that were not stored. */
export async function cut(stage: Stage): Promise<void> {
  const { judge, desk } = stage
  stage.script({ stores: false, call: ({ method }) => (method === 'update' ? HELD : undefined) })
  const work = await stage.running({}, UPTO + 2)
  const visit = await stage.present()
  const claims = (_: FrameOf<'hello'>) => [verdict(work, 'keep', UPTO)]
  stage.script({ welcome: (hello) => ({ claims: claims(hello) }) })
  desk.house.outages = 1
  const dials = desk.knocks.length
  const cutAt = performance.now()
  visit.wire.hangUp()
  const back = await judge.sees(
    'again',
    async () => {
      await stage.until(
        'two dials, the first of which was answered with 502',
        () => desk.knocks.length >= dials + 2,
        2 * PATIENCE_MS,
      )
      const waited = (desk.knocks[dials] ?? 0) - cutAt
      expects(waited > AT_ONCE_MS, 'a pause before it dials again', () => `${Math.round(waited)} ms`)
      return stage.after(visit)
    },
    () => `after ${Math.round((desk.knocks[dials] ?? 0) - cutAt)} ms, and after a 502`,
  )
  stage.script({})
  await judge.sees(
    'claims',
    async () => claimed(back, work, 'running'),
    (seen) => seen,
  )
  await judge.sees(
    'unanswered',
    () => firstAgain(stage, back, 'update'),
    (seen) => seen,
  )
  await judge.sees(
    'kept',
    () => stage.until(`line ${UPTO + 1} again`, () => on(back, work).find(({ kind }) => kind === 'log')),
    () => `went on from line ${UPTO + 1}, which was not stored`,
  )
  await cancel(stage, work)
}

/** A cancel of work that does not heed SIGTERM, said twice. */
async function cancel(stage: Stage, work: Work): Promise<void> {
  const { judge } = stage
  let held: Parameters<typeof stage.desk.answer>[0] | undefined
  stage.script({
    call: (call) => {
      if (call.method !== 'done') return undefined
      held = call
      return HELD
    },
  })
  const { wire } = await stage.present()
  const { graceMs } = work.offer.workflow
  const frame = {
    type: 'cancel',
    workflowId: work.offer.workflowId,
    lease: work.lease,
    revision: 1,
    reason: 'a test',
    graceMs,
  }
  const receipts = (phase: string) =>
    work.of('receipt').filter(({ frame: { revision, phase: own } }) => revision === 1 && own === phase)
  const since = performance.now()
  wire.say(frame)
  await judge.sees(
    'receipts',
    () => stage.until('the receipt received', () => work.of('receipt')[0]),
    () => 'received',
  )
  const { params } = await judge.sees(
    'canceled',
    () => stage.until('done', () => work.of('done')[0], graceMs + PATIENCE_MS / 2),
    () => `done after ${Math.round(performance.now() - since)} ms with a grace of ${graceMs} ms`,
  )
  judge.that('canceled', params.state.canceled, 'done with canceled', params.state)
  const told = await judge.sees(
    'receipts',
    () => stage.until('the receipt stopped', () => receipts('stopped')[0]),
    () => 'received, stopped',
  )
  judge.that(
    'stopping',
    receipts('stopping').length > 0,
    'the receipt stopping',
    work.of('receipt').map((one) => one.frame.phase),
  )
  const before = work.said.indexOf(told) + 1
  wire.say(frame)
  await judge.sees(
    'receipts',
    () =>
      stage.until('a receipt for the repeated cancel', () =>
        work.of('receipt', before).find((one) => one.frame.phase === 'stopped'),
      ),
    () => 'received, stopped; stopped again for the repeat',
  )
  stage.script({})
  if (held !== undefined) stage.desk.answer(held, {})
}

/** Orders for a lease that nobody has ever had. */
export async function unknownLease(stage: Stage): Promise<void> {
  const { wire } = await stage.present()
  for (const order of [{ type: 'cancel', graceMs: 1_000 }, { type: 'revoke' }]) {
    const lease = `L-nobody-${order.type}`
    wire.say({ ...order, workflowId: 'W-nobody', lease, revision: 4, reason: 'a test' })
    const isIt = (frame: FrameOf<'receipt'>) =>
      frame.lease === lease && frame.phase === 'stopped' && frame.revision === 4
    await stage.judge.sees(
      'unknownLease',
      () => wire.hears('receipt', isIt),
      () => 'stopped for a cancel and a revoke',
    )
  }
}

/** A lease that is taken away while work runs. */
export async function revoke(stage: Stage): Promise<void> {
  const work = await stage.running()
  const { wire } = await stage.present()
  work.over = true
  wire.say({ type: 'revoke', workflowId: work.offer.workflowId, lease: work.lease, revision: 2, reason: 'a test' })
  await stage.judge.sees(
    'revoke',
    async () => {
      const isIt = ({ frame }: { frame: FrameOf<'receipt'> }) => frame.revision === 2 && frame.phase === 'stopped'
      await stage.until('the receipt stopped', () => work.of('receipt').find(isIt))
      expects(work.of('done').length === 0, 'no done', () => work.of('done')[0]?.params)
      return stage.silent(work, 'revoke')
    },
    (seen) => `receipted stopped; ${seen}`,
  )
}

/** A `done` whose answer is lost: it comes again, and `already_done` is success. */
export async function lostAnswer(stage: Stage): Promise<void> {
  const { judge } = stage
  stage.script({ stores: false, call: ({ method }) => (method === 'done' ? HELD : undefined) })
  const work = await stage.offer([SHORT])
  await judge.sees(
    'done',
    () => stage.until('done', () => work.of('done')[0]),
    () => 'done',
  )
  await stage.until('the lines', () => work.track('s1').end > 3)
  stage.script({ call: ({ method }) => (method === 'done' ? new BusError('already_done', 'it is') : undefined) })
  const back = await stage.cut(() => [verdict(work, 'keep', UPTO)])
  await judge.sees(
    'claims',
    async () => claimed(back, work, 'done'),
    (seen) => seen,
  )
  await judge.sees(
    'unanswered',
    () => firstAgain(stage, back, 'done'),
    (seen) => seen,
  )
  await judge.sees(
    'doneOnce',
    () => toldOnce(stage, back, work, 1),
    () => 'not sent again after already_done',
  )
  await judge.sees(
    'kept',
    () => stage.until('the third line again', () => on(back, work).find(({ kind }) => kind === 'log')),
    () => `lines above ${UPTO} came again`,
  )
}

/** `done` comes so often on this connection, and no more. */
async function toldOnce(stage: Stage, visit: Visit, work: Work, times: number): Promise<void> {
  await stage.until('the agent to be free again', () => (stage.desk.visit?.nexts.length ?? 0) > 0)
  await pause(2_000)
  const dones = on(visit, work).filter(({ kind }) => kind === 'done').length
  if (dones !== times) throw new Deviation(`done ${times} times`, `${dones} times`)
}

/** A `done` that has arrived though its answer has not: the welcome says so. */
export async function doneVerdict(stage: Stage): Promise<void> {
  stage.script({ stores: false, call: ({ method }) => (method === 'done' ? HELD : undefined) })
  const work = await stage.offer([SHORT])
  await stage.until('done', () => work.of('done')[0])
  await stage.until('the lines', () => work.track('s1').end > 3)
  stage.script({})
  const back = await stage.cut(() => [verdict(work, 'done', UPTO)])
  work.over = true
  await stage.judge.sees(
    'doneOnce',
    () => toldOnce(stage, back, work, 0),
    () => 'not sent again after the verdict done',
  )
  await stage.judge.sees(
    'kept',
    () => stage.until('the third line again', () => on(back, work).find(({ kind }) => kind === 'log')),
    () => `lines above ${UPTO} came again`,
  )
}

/** Work that was given up while the agent was away: its lines are wanted, nothing else. */
export async function logsVerdict(stage: Stage): Promise<void> {
  stage.script({ stores: false })
  const work = await stage.running({}, UPTO + 2)
  stage.script({ call: closed(work) })
  const back = await stage.cut(() => [verdict(work, 'logs', UPTO)])
  await stage.judge.sees(
    'onlyLines',
    async () => {
      await stage.until(`line ${UPTO + 1}`, () => on(back, work).find(({ kind }) => kind === 'log'))
      await stage.until('the agent to be free again', () => (stage.desk.visit?.nexts.length ?? 0) > 0, 2 * PATIENCE_MS)
      const more = on(back, work).filter(({ kind }) => !['log', 'gap', 'receipt'].includes(kind))
      expects(more.length === 0, 'nothing but lines', () => more[0])
    },
    () => `lines from ${UPTO + 1}, and nothing else`,
  )
}

/** Says of a given-up lease what the server would: send its lines. */
function closed(work: Work) {
  return ({ method, params }: { method: string; params: unknown }) => {
    if (method !== 'extend') return undefined
    const { leases } = params as { leases: { lease: string }[] }
    return { claims: leases.map(({ lease }) => ({ lease, verdict: lease === work.lease ? 'logs' : 'lost' })) }
  }
}

/** Work that was given to somebody else while the agent was away. */
export async function lost(stage: Stage): Promise<void> {
  const work = await stage.running()
  const back = await stage.cut(() => [verdict(work, 'lost')])
  await stage.judge.sees(
    'lost',
    async () => {
      const seen = await stage.silent(work, 'the verdict lost', 0)
      const more = on(back, work).filter(({ kind }) => kind !== 'receipt')
      expects(more.length === 0, 'nothing of the lease on this connection', () => more[0])
      return seen
    },
    (seen) => seen,
  )
}

/** The same, learnt by an answer. */
export async function staleAnswer(stage: Stage): Promise<void> {
  const { judge } = stage
  stage.script({ call: ({ method }) => (method === 'update' ? stale() : undefined) })
  const work = await stage.offer([
    { id: 's1', name: 'ticks', commands: ['i=0; while [ $i -lt 300 ]; do echo "tick $i"; i=$((i+1)); sleep 1; done'] },
  ])
  await stage.until('update', () => work.of('update')[0])
  await judge.sees(
    'stale',
    () => stage.silent(work, 'stale_lease', 4_000),
    (seen) => seen,
  )
}

/** An `init` whose answer is lost. */
export async function accepting(stage: Stage): Promise<void> {
  const { judge } = stage
  stage.script({ call: ({ method }) => (method === 'init' ? HELD : undefined) })
  const work = await stage.offer([SHORT])
  stage.script({})
  const back = await stage.cut(() => [verdict(work, 'keep')])
  await judge.sees(
    'claims',
    async () => claimed(back, work, 'accepting'),
    (seen) => seen,
  )
  await judge.sees(
    'unanswered',
    () => firstAgain(stage, back, 'init'),
    (seen) => seen,
  )
  await ended(stage, work)
}
