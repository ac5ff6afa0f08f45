import type { Clock, FrameOf, Log, LogKind } from '../../protocol/index.ts'
import { LOGS } from '../../protocol/index.ts'
import type { GapPart, MemoryPart } from './part.ts'
import { ROOM, SharedShelf, type SpoolRoom } from './shelf.ts'
import { type Slice, StepLog } from './step-log.ts'

/** Where frames go while there is a connection. */
export interface LogSink {
  send(frame: Slice): void
  /** Bytes of logs that were handed over and have not left. */
  backlog(): number
}

/** Frames are handed over this far ahead of the socket: enough to keep it busy. */
const AHEAD_BYTES = 256 * 1024
/** How soon to look again when the socket is what we wait for. */
const AGAIN_MS = 1

interface Down {
  readonly sink: LogSink
  /** All the server has granted on this connection, and all we have spent of it. */
  limit: number
  spent: number
}

/**
 * The lines of all steps on their way to the server's disk. Owns the flush timers, the credit and the order in which steps
 * take their turn; `close` ends all of it.
 */
export class LogSpool {
  readonly #clock: Clock
  readonly #onStored: (lease: string) => void
  readonly #shelf: SharedShelf
  readonly #leases = new Map<string, Map<string, StepLog>>()
  /** Steps with something to send, in the order of their turns. */
  readonly #turns = new Set<StepLog>()
  readonly #flushes = new Map<StepLog, () => void>()
  #down: Down | undefined
  #again: (() => void) | undefined

  /** `onStored`: the last line of a lease has reached the disk. */
  constructor(clock: Clock, log: Log, onStored: (lease: string) => void, room: SpoolRoom = ROOM) {
    this.#clock = clock
    this.#onStored = onStored
    this.#shelf = new SharedShelf(log, room, () => this.#cutLongest())
  }

  /** Takes lines for a lease from here on. */
  open(lease: string): void {
    if (!this.#leases.has(lease)) this.#leases.set(lease, new Map())
  }

  /** Begins a step with the lines that a dead predecessor had made of it. */
  restore(lease: string, stepId: string, parts: Iterable<MemoryPart | GapPart>): void {
    this.#step(lease, stepId)?.restore(parts)
  }

  /** A step's lines after `line` that are not on the server's disk. */
  unstored(lease: string, stepId: string, line: number): Iterable<MemoryPart> {
    return this.#leases.get(lease)?.get(stepId)?.unstored(line) ?? []
  }

  /** Lines of a lease that is not open are nobody's: its work was taken away. */
  write(lease: string, stepId: string, kind: LogKind, text: string, ms: number): void {
    const step = this.#step(lease, stepId)
    if (step === undefined || text === '') return
    step.append(text, kind, ms)
    this.#arm(step)
    if (step.sendable) this.#turns.add(step)
    this.#pump()
  }

  /** What a lease has gathered leaves without waiting. */
  flush(lease: string): void {
    for (const step of this.#leases.get(lease)?.values() ?? []) this.#flushStep(step)
    this.#pump()
  }

  /** The next line's number of each step that has any. */
  positions(lease: string): { stepId: string; next: number }[] {
    return [...(this.#leases.get(lease)?.values() ?? [])].map(({ stepId, next }) => ({ stepId, next }))
  }

  lines(lease: string, stepId: string): number {
    return (this.#leases.get(lease)?.get(stepId)?.next ?? 1) - 1
  }

  /** Every line of the lease is on the server's disk. */
  empty(lease: string): boolean {
    return [...(this.#leases.get(lease)?.values() ?? [])].every((step) => step.empty)
  }

  drop(lease: string): void {
    for (const step of this.#leases.get(lease)?.values() ?? []) {
      step.release()
      this.#disarm(step)
      this.#turns.delete(step)
    }
    this.#leases.delete(lease)
  }

  stored(frame: Pick<FrameOf<'stored'>, 'lease' | 'stepId' | 'upto' | 'rewind'>): void {
    const step = this.#leases.get(frame.lease)?.get(frame.stepId)
    if (step === undefined) return
    step.stored(frame.upto, frame.rewind === true)
    if (step.sendable) this.#turns.add(step)
    if (step.empty && this.empty(frame.lease)) this.#onStored(frame.lease)
    this.#pump()
  }

  /** A new connection: everything that is not on disk is sent again, from where the server says it is. */
  connect(sink: LogSink, credit: number, upto: (lease: string, stepId: string) => number): void {
    this.#down = { sink, limit: credit, spent: 0 }
    for (const [lease, steps] of [...this.#leases]) {
      for (const step of steps.values()) {
        step.stored(upto(lease, step.stepId), true)
        if (step.sendable) this.#turns.add(step)
      }
      if (this.empty(lease)) this.#onStored(lease)
    }
    this.#pump()
  }

  disconnect(): void {
    this.#down = undefined
    this.#again?.()
    this.#again = undefined
  }

  credit(limit: number): void {
    if (this.#down === undefined) return
    this.#down.limit = Math.max(this.#down.limit, limit)
    this.#pump()
  }

  close(): void {
    this.disconnect()
    for (const lease of [...this.#leases.keys()]) this.drop(lease)
    this.#shelf.close()
  }

  #step(lease: string, stepId: string): StepLog | undefined {
    const steps = this.#leases.get(lease)
    if (steps === undefined) return undefined
    const step = steps.get(stepId) ?? new StepLog(lease, stepId, this.#shelf)
    steps.set(stepId, step)
    return step
  }

  /** Sends while there is credit: one frame of a step, then the next step's turn. */
  #pump(): void {
    const down = this.#down
    if (down === undefined) return
    for (const step of this.#turns) {
      if (down.sink.backlog() >= AHEAD_BYTES) {
        this.#pumpLater()
        return
      }
      const slice = step.take(down.limit - down.spent)
      // One that only lacks credit stays first, and the others wait with it.
      if (slice === undefined && step.sendable) return
      this.#turns.delete(step)
      if (slice !== undefined) this.#hand(down, slice)
      if (step.sendable) this.#turns.add(step)
      if (!step.gathering) this.#disarm(step)
    }
  }

  #hand(down: Down, slice: Slice): void {
    if (slice.type === 'log') down.spent += costOfFrame(slice)
    down.sink.send(slice)
  }

  #pumpLater(): void {
    this.#again ??= this.#clock.after(AGAIN_MS, () => {
      this.#again = undefined
      this.#pump()
    })
  }

  /** From the first gathered line on, not from the last: steady output must not wait for a pause. */
  #arm(step: StepLog): void {
    if (!step.gathering) this.#disarm(step)
    if (!step.gathering || this.#flushes.has(step)) return
    const cancel = this.#clock.after(LOGS.flushMs, () => {
      this.#flushStep(step)
      this.#pump()
    })
    this.#flushes.set(step, cancel)
  }

  #disarm(step: StepLog): void {
    this.#flushes.get(step)?.()
    this.#flushes.delete(step)
  }

  #flushStep(step: StepLog): void {
    this.#disarm(step)
    step.flush()
    if (step.sendable) this.#turns.add(step)
  }

  /** Memory and file are full: the step with most waiting gives some up. */
  #cutLongest(): boolean {
    let longest: StepLog | undefined
    for (const steps of this.#leases.values()) {
      for (const step of steps.values()) if (step.waiting > (longest?.waiting ?? 2)) longest = step
    }
    longest?.cutMiddle()
    return longest !== undefined
  }
}

function costOfFrame(frame: FrameOf<'log'>): number {
  const lines = frame.runs.reduce((sum, [count]) => sum + count, 0)
  return Buffer.byteLength(frame.text) + lines * LOGS.lineCost
}
