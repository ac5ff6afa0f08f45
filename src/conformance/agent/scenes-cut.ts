import { BusError, type FrameOf } from '../../protocol/index.ts'
import { Deviation, expects } from '../verdict.ts'
import { PATIENCE_MS, pause } from '../waiting.ts'
import { cancel } from './scenes-order.ts'
import { ended } from './scenes-work.ts'
import { HELD } from './script.ts'
import { claimIn, SHORT, type Stage, UPTO, verdict } from './stage.ts'
import type { Visit } from './visit.ts'
import type { Work } from './work.ts'

/** Whoever dials sooner after a cut has not waited at random. */
const AT_ONCE_MS = 150

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
    () => stage.until(`line ${UPTO + 1} again`, () => work.on(back.number).find(({ kind }) => kind === 'log')),
    () => `went on from line ${UPTO + 1}, which was not stored`,
  )
  await cancel(stage, work)
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
    () => stage.until('the third line again', () => work.on(back.number).find(({ kind }) => kind === 'log')),
    () => `lines above ${UPTO} came again`,
  )
}

/** `done` comes so often on this connection, and no more. */
async function toldOnce(stage: Stage, visit: Visit, work: Work, times: number): Promise<void> {
  await stage.until('the agent to be free again', () => (stage.desk.visit?.nexts.length ?? 0) > 0)
  await pause(2_000)
  const dones = work.on(visit.number).filter(({ kind }) => kind === 'done').length
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
    () => stage.until('the third line again', () => work.on(back.number).find(({ kind }) => kind === 'log')),
    () => `lines above ${UPTO} came again`,
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
