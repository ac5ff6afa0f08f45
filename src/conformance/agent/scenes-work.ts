import { BusError, LOGS, type StepSpec } from '../../protocol/index.ts'
import { Deviation, shown } from '../verdict.ts'
import { pause } from '../waiting.ts'
import { type Call, HELD } from './script.ts'
import { SHORT, type Stage } from './stage.ts'
import type { Work } from './work.ts'

const NO_ANSWER_MS = 1_000
const RETRY_MS = 1_500
const FLOOD = 3_000
/** What may come beyond what has: less than a frame, so that credit is what holds the flood up. */
const SMALL_WINDOW = 12 * 1024

/** Waits for `done`, and for every line that it counts. */
export async function ended(stage: Stage, work: Work): Promise<void> {
  const { judge } = stage
  const { params } = await judge.sees(
    'done',
    () => stage.until('done', () => work.of('done')[0]),
    ({ params }) => params.steps.map(({ stepId, state, exitCode }) => `${stepId} ${state} ${exitCode}`).join(', '),
  )
  for (const { stepId, lines } of params.steps) {
    await judge.sees(
      'lines',
      () => stage.until(`${lines} lines of ${stepId}, as done says`, () => work.track(stepId).end - 1 === lines),
      () => `${lines} of ${lines}`,
    )
  }
}

/** The first connection: what it dials with and says, and that it answers pings. */
export async function arrival(stage: Stage): Promise<void> {
  const { judge } = stage
  const visit = await judge.sees(
    'hello',
    () => stage.present(),
    ({ name }) => `${name} has come`,
  )
  const before = visit.wire.port.bytesRead()
  await judge.sees(
    'next',
    () => stage.until(`${visit.capacity} open next`, () => visit.nexts.length === visit.capacity),
    () => `${visit.capacity} open with a capacity of ${visit.capacity}`,
  )
  const heard = visit.wire.heard.length
  const quiet = visit.wire.port.bytesRead()
  visit.wire.port.ping()
  for (let waited = 0; waited < 100 && visit.wire.port.bytesRead() === quiet; waited++) await pause(100)
  const answered = visit.wire.port.bytesRead() > quiet && visit.wire.heard.length === heard
  judge.that('pong', answered, 'a pong', answered ? 'answered' : `${before} bytes and no more`)
}

const PLAIN: StepSpec[] = [
  { id: 's1', name: 'good', commands: ['echo one', 'echo two >&2', 'printf three'] },
  { id: 's2', name: 'bad', commands: ['exit 3'] },
]

/** A workflow from its offer to its end, with an `init` that takes its time. */
export async function life(stage: Stage): Promise<void> {
  const { judge, desk } = stage
  let held: Call | undefined
  stage.script({
    call: (call) => {
      if (call.method !== 'init') return undefined
      held = call
      return HELD
    },
  })
  const work = await stage.offer(PLAIN)
  await pause(NO_ANSWER_MS)
  stage.script({})
  if (held !== undefined) desk.answer(held, { secrets: {} })
  judge.pass('init', 'nothing came while init was unanswered')
  await ended(stage, work)
  for (const [stepId, states] of [
    ['s1', 'running success'],
    ['s2', 'running failure'],
  ] as const) {
    const told = work.of('update').filter(({ params }) => params.step.stepId === stepId)
    const words = told.map(({ params }) => params.step.state).join(' ')
    judge.that('updates', words === states, `${stepId} to be told as ${states}`, words)
  }
  const [done] = work.of('done')
  const codes = done?.params.steps.map(({ exitCode }) => exitCode)
  judge.that('done', shown(codes) === '[0,3]', 'exit codes 0 and 3', done?.params.steps)
  const texts = work.track('s1').lines
  const all = ['one', 'two', 'three'].every((line) => texts.includes(line))
  judge.that('lines', all, 'the lines one, two and three', texts)
}

/** One line of 20,000 bytes. */
export async function longLine(stage: Stage): Promise<void> {
  const work = await stage.offer([{ id: 's1', name: 'long', commands: ["head -c 20000 /dev/zero | tr '\\0' x; echo"] }])
  await ended(stage, work)
  const lines = work.track('s1').lines.filter((line) => /^x+$/.test(line))
  const bytes = lines.reduce((sum, line) => sum + line.length, 0)
  const kinds = work
    .of('log')
    .flatMap(({ frame }) => frame.runs.flatMap(([count, , kind]) => Array<string>(count).fill(kind)))
  const outs = kinds.filter((kind) => kind.startsWith('out')).join(' ')
  const right = bytes === 20_000 && /^(out\+ )+out$/.test(outs)
  stage.judge.that('pieces', right, `pieces of 20,000 bytes, all but the last out+`, `${bytes} bytes as ${outs}`)
}

const FLOODS: StepSpec = {
  id: 's1',
  name: 'flood',
  commands: [
    `i=0; while [ $i -lt ${FLOOD} ]; do echo "line $i of a flood that is longer than its credit"; i=$((i+1)); done`,
  ],
}

/** More lines than there is credit for, and a rewind in their midst. */
export async function flood(stage: Stage): Promise<void> {
  const { judge } = stage
  let dropped = false
  stage.script({
    window: null,
    drops: ({ from }) => {
      const drops = !dropped && from > FLOOD / 3
      dropped ||= drops
      return drops
    },
  })
  const work = await stage.offer([FLOODS])
  const visit = await stage.present()
  await stage.until('lines up to the credit', () => visit.limit - visit.spent < LOGS.frameBytes)
  await pause(NO_ANSWER_MS)
  const counted = () => work.track('s1').lines.filter((line) => line?.startsWith('line ')).length
  judge.that('credit', counted() < FLOOD, 'to wait for credit', `${visit.spent} of ${visit.limit} bytes`)
  stage.script({ ...stage.desk.script, window: SMALL_WINDOW })
  visit.grant(SMALL_WINDOW)
  await judge.sees(
    'credit',
    () => stage.until('more lines with more credit', () => dropped),
    () => `${visit.limit} bytes and no more`,
  )
  await judge.sees(
    'rewind',
    () => stage.until('the line after upto of the rewind', () => work.track('s1').rewind === undefined),
    () => 'went on from there',
  )
  await judge.sees(
    'credit',
    () => stage.until(`all ${FLOOD} lines`, () => counted() === FLOOD),
    () => `all lines in steps of ${SMALL_WINDOW} bytes`,
  )
  const texts = work.track('s1').lines.filter((line) => line?.startsWith('line '))
  const right = texts.every((line, at) => line.startsWith(`line ${at} of`))
  judge.that('lines', right, 'each line once, in order', texts.slice(0, 3))
  await ended(stage, work)
}

/** A `done` that is refused for now. */
export async function later(stage: Stage): Promise<void> {
  const { judge } = stage
  let refusedAt: number | undefined
  stage.script({
    call: ({ method }) => {
      if (method !== 'done' || refusedAt !== undefined) return undefined
      refusedAt = performance.now()
      return new BusError('unavailable', 'not now', { retryAfterMs: RETRY_MS })
    },
  })
  const work = await stage.offer([SHORT])
  await judge.sees(
    'later',
    async () => {
      const again = await stage.until('done again', () => work.of('done')[1])
      const waited = again.at - (refusedAt ?? 0)
      if (waited < RETRY_MS * 0.9)
        throw new Deviation(`done again after ${RETRY_MS} ms`, `after ${Math.round(waited)} ms`)
      return waited
    },
    (waited) => `again after ${Math.round(waited)} ms`,
  )
  await ended(stage, work)
}
