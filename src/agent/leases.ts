import type { Claim, Clock, Ended, FrameOf, Offer, Phase, VerdictWord } from '../protocol/index.ts'
import { LeaseLost, MESSAGE, SHAPE } from '../protocol/index.ts'
import { Attempt, type Hold } from './attempt.ts'
import type { LogSpool } from './logs/spool.ts'
import { elapsed, type Moment, momentOf } from './moment.ts'

export interface LeaseEvents {
  /** A lease is not ours any more: what was to be told of it is void. */
  onLost(attempt: Attempt, error: LeaseLost): void
  /** The server has answered for it: its time counts anew. */
  onRenewed(attempt: Attempt): void
  /** The server does not take a claim for its own: closed without us, or unknown. */
  onDisowned(attempt: Attempt, phase: Phase): void
  /** The server already knows its result, and every line. */
  onDone(attempt: Attempt): void
  /** Nothing is owed of a lease any more. */
  onGone(lease: string): void
  /** Held leases were added, ended or have settled. */
  onChange(): void
}

/** Names, braces and numbers of a claim, and of one of its steps, beside the ids. */
const CLAIM_BYTES = 64
const STEP_BYTES = 48
/** So many ended attempts are remembered, so that a late `wait` learns how its own ended. */
const PAST = 64
/** What the rest of a hello may take. */
const HELLO_BYTES = 64 * 1024

/** Every lease this agent holds, or owes lines of. */
export class Leases {
  readonly #clock: Clock
  readonly #spool: LogSpool
  readonly #events: LeaseEvents
  readonly #attempts = new Map<string, Attempt>()
  /** The last ones that ended. */
  readonly #past = new Map<string, Attempt>()
  /** Handed out on this connection and not accepted. */
  readonly #offers = new Map<string, Offer>()
  /** What the last hello claimed: a verdict is about that. */
  #claimed: ReadonlyMap<string, Phase> = new Map()

  constructor(clock: Clock, spool: LogSpool, events: LeaseEvents) {
    this.#clock = clock
    this.#spool = spool
    this.#events = events
  }

  get(lease: string): Attempt | undefined {
    return this.#attempts.get(lease)
  }

  /** For who asks late: how an attempt ended that is not held any more. Throws `LeaseLost` for one long gone. */
  howItEnded(lease: string): Promise<Ended> {
    const attempt = this.#past.get(lease)
    if (attempt === undefined) throw new LeaseLost(lease, 'this agent does not hold it')
    return attempt.ended
  }

  /** The attempt that may still report. Throws `LeaseLost` for any other. */
  ours(lease: string): Attempt {
    const attempt = this.#attempts.get(lease)
    if (attempt?.hold === 'ours') return attempt
    throw attempt?.lost ?? new LeaseLost(lease, 'this agent does not hold it')
  }

  /** Those the server is to be told of with every `extend`. */
  held(): Attempt[] {
    return [...this.#attempts.values()].filter(({ hold, phase, settled }) => {
      if (hold === 'ours') return phase === 'done' || (phase !== 'accepting' && !settled)
      return hold === 'given-up' || (hold === 'revoked' && settled)
    })
  }

  /** Nothing is owed to the server: no result and no line. */
  get empty(): boolean {
    return this.#attempts.size === 0
  }

  /** Whether one more would still fit into a hello, with all that is claimed already. */
  fits(offer: Offer): boolean {
    let bytes = HELLO_BYTES + claimBytes(offer)
    for (const attempt of this.#attempts.values()) bytes += claimBytes(attempt.offer)
    return this.#attempts.size < SHAPE.claims && bytes <= MESSAGE.helloBytes
  }

  offered(offer: Offer): void {
    this.#offers.set(offer.lease, offer)
  }

  /** Forgets an offer that was declined. */
  declined(lease: string): void {
    this.#offers.delete(lease)
  }

  /** Begins to accept. Throws `LeaseLost` if the offer is not there any more. */
  accepting(lease: string): Attempt {
    const offer = this.#offers.get(lease)
    this.#offers.delete(lease)
    if (offer === undefined) return this.ours(lease)
    const attempt = new Attempt(offer, momentOf(this.#clock))
    this.#attempts.set(lease, attempt)
    this.#spool.open(lease)
    return attempt
  }

  /** Takes up what a dead predecessor left of a lease. */
  inherit(offer: Offer, left: 'interrupted' | 'done'): Attempt {
    const attempt = new Attempt(offer, momentOf(this.#clock), left)
    this.#attempts.set(offer.lease, attempt)
    this.#spool.open(offer.lease)
    return attempt
  }

  /** Offers end with their connection; what is held does not. */
  disconnected(): void {
    this.#offers.clear()
  }

  claims(): Claim[] {
    const claims = [...this.#attempts.values()]
      .filter(({ hold }) => hold !== 'lost')
      .map(({ lease, phase }) => ({ lease, phase, steps: this.#spool.positions(lease) }))
    this.#claimed = new Map(claims.map(({ lease, phase }) => [lease, phase]))
    return claims
  }

  /** What the server says in its welcome to the claims of the hello sent `since`. */
  welcomed(verdicts: FrameOf<'welcome'>['claims'], since: Moment): void {
    const words = new Map(verdicts.map(({ lease, verdict }) => [lease, verdict]))
    for (const attempt of [...this.#attempts.values()]) {
      const verdict = words.get(attempt.lease) ?? 'lost'
      const phase = this.#claimed.get(attempt.lease) ?? attempt.phase
      if (verdict === 'lost' && attempt.hold !== 'lost') this.#events.onDisowned(attempt, phase)
      this.judge(attempt, verdict, phase, since)
    }
  }

  /** Acts on a verdict about what was claimed (`phase`) at a time (`since`). */
  judge(attempt: Attempt, verdict: VerdictWord, phase: Phase, since: Moment): void {
    if (verdict === 'lost') this.lose(attempt, 'lost', 'the server says so')
    else if (verdict === 'done') this.#finished(attempt)
    else if (verdict === 'logs') this.#onlyLogs(attempt, phase)
    else if (attempt.hold === 'ours') {
      this.renew(attempt, since)
      if (verdict === 'cancel') attempt.cancel('canceled on the server', attempt.offer.workflow.graceMs)
    }
  }

  /** The server has answered what was sent `since`. */
  renew(attempt: Attempt, since: Moment): void {
    attempt.renew(since)
    this.#events.onRenewed(attempt)
  }

  /** It is not ours any more. Idempotent. */
  lose(attempt: Attempt, hold: Exclude<Hold, 'ours'>, reason: string, graceMs?: number): void {
    const wasOurs = attempt.hold === 'ours'
    attempt.lose(hold, reason, graceMs)
    if (wasOurs && attempt.lost !== undefined) this.#events.onLost(attempt, attempt.lost)
    if (hold === 'lost') this.#spool.drop(attempt.lease)
    this.collect(attempt)
  }

  /** `done` was answered. */
  close(attempt: Attempt): void {
    attempt.close()
    this.collect(attempt)
  }

  /** The work has settled. A result is told by `done`; without one it is said that nothing of it runs any more. */
  settle(attempt: Attempt, phase: 'done' | 'fenced'): void {
    attempt.settle(phase)
    this.#spool.flush(attempt.lease)
    this.collect(attempt)
  }

  #remember(attempt: Attempt): void {
    this.#past.set(attempt.lease, attempt)
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= PAST) return
      this.#past.delete(oldest)
    }
  }

  /** Forgets an attempt of which nothing is left to do. */
  collect(attempt: Attempt): void {
    const { hold, lease, settled } = attempt
    const over = hold === 'lost' || (hold === 'closed' && this.#spool.empty(lease))
    if (settled && over) {
      this.#attempts.delete(lease)
      this.#remember(attempt)
      this.#spool.drop(lease)
      this.#events.onGone(lease)
    }
    this.#events.onChange()
  }

  /** Those whose work the agent's own clock ends now. */
  overdue(now: Moment): Attempt[] {
    return [...this.#attempts.values()].filter(
      (attempt) => isFencedBy(attempt) && elapsed(attempt.renewed, now) >= attempt.fence.stopAfterMs,
    )
  }

  /** Milliseconds until the first is overdue, if nothing is answered meanwhile. */
  untilOverdue(now: Moment): number {
    const left = [...this.#attempts.values()]
      .filter(isFencedBy)
      .map(({ fence, renewed }) => fence.stopAfterMs - elapsed(renewed, now))
    return Math.min(...left)
  }

  /** The link has stopped for good. */
  loseAll(reason: string): void {
    this.#offers.clear()
    for (const attempt of [...this.#attempts.values()]) this.lose(attempt, 'lost', reason)
  }

  #finished(attempt: Attempt): void {
    if (attempt.phase !== 'done' && attempt.phase !== 'interrupted') {
      this.lose(attempt, 'lost', 'the server has ended it')
      return
    }
    // The answer was lost on the way, the result has arrived. Lines that have not go on.
    this.#events.onDone(attempt)
    this.close(attempt)
  }

  #onlyLogs(attempt: Attempt, phase: Phase): void {
    // Until the work has settled nobody can say how many lines there will be.
    const final = phase === 'fenced' || phase === 'interrupted' || phase === 'done'
    this.lose(attempt, final ? 'closed' : 'revoked', 'the server has given it up')
  }
}

/** Work that runs, or may: an unanswered `init` runs nothing, a result on its way neither. */
function isFencedBy({ hold, phase }: Attempt): boolean {
  return hold === 'ours' && (phase === 'running' || phase === 'stopping')
}

function claimBytes({ lease, workflow }: Offer): number {
  const steps = workflow.steps.reduce((sum, { id }) => sum + id.length + STEP_BYTES, 0)
  return lease.length + CLAIM_BYTES + steps
}
