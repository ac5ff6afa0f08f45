import type { FrameOf } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { PATIENCE_MS } from '../waiting.ts'
import { type Call, HELD, stale } from './script.ts'
import { type Stage, UPTO, verdict } from './stage.ts'
import type { Work } from './work.ts'

/** What the server says to stop this work. */
const orderOf = ({ offer, lease }: Work) => ({ workflowId: offer.workflowId, lease, reason: 'a test of conformance' })

/** A cancel of work that does not heed SIGTERM, said twice. */
export async function cancel(stage: Stage, work: Work): Promise<void> {
  const { judge } = stage
  let held: Call | undefined
  stage.script({
    call: (call) => {
      if (call.method !== 'done') return undefined
      held = call
      return HELD
    },
  })
  const { wire } = await stage.present()
  const { graceMs } = work.offer.workflow
  const frame = { type: 'cancel', ...orderOf(work), revision: 1, graceMs }
  const since = performance.now()
  wire.say(frame)
  await receipted(stage, work, 'received')
  const { params } = await judge.sees(
    'canceled',
    () => stage.until('done', () => work.of('done')[0], graceMs + PATIENCE_MS / 2),
    () => `done after ${Math.round(performance.now() - since)} ms with a grace of ${graceMs} ms`,
  )
  judge.that('canceled', params.state.canceled, 'done with canceled', params.state)
  await receipted(stage, work, 'stopped')
  const phases = work.of('receipt').map(({ frame: { phase } }) => phase)
  judge.that('stopping', phases.includes('stopping'), 'the receipt stopping', phases)
  const before = work.said.length
  wire.say(frame)
  await receipted(stage, work, 'stopped', before)
  stage.script({})
  if (held !== undefined) stage.desk.answer(held, {})
}

/** The cancel is receipted so, from the `from`th thing on that was said. */
async function receipted(stage: Stage, work: Work, phase: string, from = 0): Promise<void> {
  const isIt = ({ frame }: { frame: FrameOf<'receipt'> }) => frame.revision === 1 && frame.phase === phase
  const what = from === 0 ? phase : `${phase} for the repeat`
  await stage.judge.sees(
    'receipts',
    () => stage.until(`the receipt ${what}`, () => work.of('receipt', from).find(isIt)),
    () => what,
  )
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
  wire.say({ type: 'revoke', ...orderOf(work), revision: 2 })
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

/** Work that was given up while the agent was away: its lines are wanted, nothing else. */
export async function logsVerdict(stage: Stage): Promise<void> {
  stage.script({ stores: false })
  const work = await stage.running({}, UPTO + 2)
  stage.script({ call: closed(work) })
  const back = await stage.cut(() => [verdict(work, 'logs', UPTO)])
  await stage.judge.sees(
    'onlyLines',
    async () => {
      await stage.until(`line ${UPTO + 1}`, () => work.on(back.number).find(({ kind }) => kind === 'log'))
      await stage.until('the agent to be free again', () => (stage.desk.visit?.nexts.length ?? 0) > 0, 2 * PATIENCE_MS)
      const more = work.on(back.number).filter(({ kind }) => !['log', 'gap', 'receipt'].includes(kind))
      expects(more.length === 0, 'nothing but lines', () => more[0])
    },
    () => `lines from ${UPTO + 1}, and nothing else`,
  )
}

/** Says of a given-up lease what the server would: send its lines. */
function closed(work: Work) {
  return ({ method, params }: Call) => {
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
      const more = work.on(back.number).filter(({ kind }) => kind !== 'receipt')
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
