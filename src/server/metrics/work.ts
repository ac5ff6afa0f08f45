import type { AttemptEnd, QueueView } from '../../protocol/index.ts'
import type { Change, Passage } from '../store/change.ts'
import type { AgentTotals } from '../store/store.ts'
import type { Instruments, Observe } from './instruments.ts'
import type { Count, Tally } from './tally.ts'

const OUTCOMES = ['success', 'failure', 'canceled', 'skipped', 'error'] as const
type Outcome = (typeof OUTCOMES)[number]
const OFFER_ENDS = [
  'accepted',
  'declined',
  'lapsed',
  'withdrawn',
  'canceled',
  'requeued',
  'removed',
  'revoked',
] as const
const ATTEMPT_ENDS = [
  'done',
  'overdue',
  'timeout',
  'requeued',
  'removed',
  'revoked',
  'expired',
  'fenced',
  'interrupted',
  'unclaimed',
  'replaced',
] as const
const WORDS = ['received', 'stopping', 'stopped'] as const

/** Seconds: from a queue that is empty to one that stands for a day; from a lint to a nightly build. */
const WAITS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200, 86_400]
const RUNS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800, 3600, 14_400]
const CANCELS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15, 60]

/** What the store says of the moment, at a scrape; undefined while it does not answer. */
export interface Standing {
  queue: QueueView
  agents: AgentTotals
}

/** The life of workflows: how many, how long, how they end. Fed by the store's changes. */
export class WorkMetrics {
  readonly #submitted: Count
  readonly #ended: Tally<Outcome>
  readonly #waited: Observe
  readonly #ran: Observe
  readonly #cancel: (word: (typeof WORDS)[number], seconds: number) => void
  readonly #offers: Count
  readonly #offersEnded: Tally<AttemptEnd | (typeof OFFER_ENDS)[number]>
  readonly #attemptsEnded: Tally<AttemptEnd>

  constructor(make: Instruments, standing: () => Standing | undefined) {
    queueGauges(make, standing)
    this.#submitted = make.counter('drumline_workflows_submitted_total', 'Workflows that were submitted.')
    this.#ended = make.counters(
      'drumline_workflows_ended_total',
      'Workflows that ended, by outcome. One that is queued again and ends again counts again.',
      'outcome',
      OUTCOMES,
    )
    this.#waited = make.histogram(
      'drumline_queue_wait_seconds',
      'Time in line: from being pending (submitted, its dependencies done, or queued again) to an agent taking it up.',
      WAITS,
    )
    this.#ran = make.histogram(
      'drumline_run_seconds',
      'Time from the begin of a workflow to its end, whatever the outcome, as its agent saw it.',
      RUNS,
    )
    this.#cancel = make.histograms(
      'drumline_cancel_seconds',
      'Time from the request to cancel a running workflow to its agent having received it, begun to stop, and stopped.',
      'until',
      WORDS,
      CANCELS,
    )
    this.#offers = make.counter('drumline_offers_total', 'Workflows that were offered to an agent.')
    this.#offersEnded = make.counters(
      'drumline_offers_ended_total',
      'Offers that ended, by how: accepted, declined by the agent, lapsed without an answer, withdrawn when its connection was lost, or taken back.',
      'how',
      OFFER_ENDS,
    )
    this.#attemptsEnded = make.counters(
      'drumline_attempts_ended_total',
      'Accepted attempts that ended, by how: done; overdue and timeout, which did not stop when told; requeued, removed and revoked, which were taken away; the others were lost with their agent, expired by a lease that ran out.',
      'how',
      ATTEMPT_ENDS,
    )
  }

  attempt({ how, begun }: Change & { kind: 'attempt' }): void {
    if (begun) this.#attemptsEnded.add(how)
    else this.#offersEnded.add(how)
  }

  workflow({ state, passage }: Change & { kind: 'workflow' }): void {
    if (passage === undefined) return
    this.#timed(passage)
    if (passage.from === state) return
    if (passage.from === null) this.#submitted.add()
    if (state === 'offered') this.#offers.add()
    else if (state === 'running') this.#offersEnded.add('accepted')
    else if (isOutcome(state)) this.#ended.add(state)
  }

  ended(outcome: Outcome): number {
    return this.#ended.of(outcome)
  }

  #timed({ waitedMs, ranMs, cancel = {} }: Passage): void {
    if (waitedMs !== undefined) this.#waited(waitedMs / 1000)
    if (ranMs !== undefined) this.#ran(ranMs / 1000)
    for (const word of WORDS) {
      const ms = cancel[word]
      if (ms !== undefined) this.#cancel(word, ms / 1000)
    }
  }
}

function queueGauges(make: Instruments, standing: () => Standing | undefined): void {
  const queue = () => standing()?.queue
  const agents = () => standing()?.agents
  const open = () => {
    const now = queue()
    return now && { waiting: now.waiting, pending: now.pending, offered: now.offered, running: now.running }
  }
  make.gauges('drumline_workflows', 'Workflows that have not ended, by state.', 'state', open)
  make.gauge('drumline_queue_paused', '1 while the queue is paused: nothing is offered.', () => {
    const now = queue()
    return now && Number(now.paused)
  })
  make.gauges('drumline_agents', 'Agents that the server knows, by state.', 'state', () => {
    const now = agents()
    return now && { online: now.online, draining: now.draining, offline: now.offline }
  })
  make.gauges(
    'drumline_slots',
    'Workflows that the connected agents can run at a time: busy and free ones.',
    'state',
    () => {
      const now = agents()
      return now && { busy: now.busy, free: Math.max(0, now.capacity - now.busy) }
    },
  )
}

function isOutcome(state: string): state is Outcome {
  return (OUTCOMES as readonly string[]).includes(state)
}
