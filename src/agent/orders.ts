import type { Channel, FrameOf } from '../protocol/index.ts'
import type { Attempt, ReceiptPhase } from './attempt.ts'
import type { Leases } from './leases.ts'

const RANK: Readonly<Record<ReceiptPhase, number>> = { received: 0, stopping: 1, stopped: 2 }

/** Acts on the server's `cancel` and `revoke`, once each, and receipts them always. */
export class Orders {
  readonly #leases: Leases
  #channel: Channel | undefined

  constructor(leases: Leases) {
    this.#leases = leases
  }

  connect(channel: Channel): void {
    this.#channel = channel
  }

  disconnect(): void {
    this.#channel = undefined
  }

  cancel(frame: FrameOf<'cancel'>): void {
    const attempt = this.#received(frame)
    attempt?.cancel(frame.reason, frame.graceMs)
  }

  revoke(frame: FrameOf<'revoke'>): void {
    const attempt = this.#received(frame)
    if (attempt !== undefined) this.#leases.lose(attempt, 'revoked', frame.reason)
  }

  /** Whoever runs the work has been told to stop. */
  told(attempt: Attempt): void {
    attempt.told = true
    this.#advance(attempt, 'stopping')
  }

  /** Nothing of the work runs any more. */
  stopped(attempt: Attempt): void {
    this.#advance(attempt, 'stopped')
  }

  /** Receipts a frame as far as its order has come; answers the attempt that has to act on it. */
  #received({ lease, revision }: FrameOf<'cancel'> | FrameOf<'revoke'>): Attempt | undefined {
    const attempt = this.#leases.get(lease)
    // Unknown here: nothing of it runs.
    if (attempt === undefined) this.#receipt(lease, revision, 'stopped')
    else if (attempt.receiptOf(revision) === undefined) this.#note(attempt, revision, reached(attempt))
    else this.#receipt(lease, revision, attempt.receiptOf(revision) ?? 'received')
    return attempt
  }

  #advance(attempt: Attempt, phase: ReceiptPhase): void {
    for (const revision of attempt.revisions) {
      const now = attempt.receiptOf(revision)
      if (now !== undefined && RANK[phase] > RANK[now]) this.#note(attempt, revision, phase)
    }
  }

  #note(attempt: Attempt, revision: number, phase: ReceiptPhase): void {
    attempt.noteReceipt(revision, phase)
    this.#receipt(attempt.lease, revision, phase)
  }

  /** Without a connection it is not kept: the server repeats its order, and hears then. */
  #receipt(lease: string, revision: number, phase: ReceiptPhase): void {
    this.#channel?.send({ type: 'receipt', lease, revision, phase })
  }
}

/** How far a new order has come already: an earlier one may have stopped the work. */
function reached(attempt: Attempt): ReceiptPhase {
  if (attempt.settled) return 'stopped'
  return attempt.told ? 'stopping' : 'received'
}
