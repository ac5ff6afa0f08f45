import { cutAfter, type GapPart, type MemoryPart } from '../logs/part.ts'
import type { LogSpool } from '../logs/spool.ts'
import type { LineFile, Place } from './line-file.ts'

const LOST = 'the agent had no room left for these lines, or was killed before they were on its disk'

/** One step's copies. */
interface Kept {
  places: Place[]
  /** Lines up to here are in the file, or need not be. */
  upto: number
}

/** Which lines have a copy in the file: those that the server has not stored and that are old enough. */
export class LinesKept {
  readonly #file: LineFile
  readonly #leases = new Map<string, Map<string, Kept>>()

  constructor(file: LineFile) {
    this.#file = file
  }

  /** Takes over what a predecessor left of these leases, and forgets the rest. */
  adopt(leases: ReadonlySet<string>): void {
    this.#file.scan(({ lease, stepId }, place) => {
      if (!leases.has(lease)) return false
      const kept = this.#of(lease, stepId)
      kept.places.push(place)
      kept.upto = Math.max(kept.upto, place.to)
      return true
    })
  }

  /** The next line's number of each step that has copies. */
  steps(lease: string): { stepId: string; next: number }[] {
    return [...(this.#leases.get(lease) ?? [])].map(([stepId, { upto }]) => ({ stepId, next: upto + 1 }))
  }

  /**
   * All of a step's lines below `next` as far as there are copies, in order and without overlap; a gap wherever there are
   * none. The server's positions cut off what it has.
   */
  *parts(lease: string, stepId: string, next: number): Generator<MemoryPart | GapPart> {
    const places = [...(this.#leases.get(lease)?.get(stepId)?.places ?? [])]
    let line = 1
    for (const place of places.sort((a, b) => a.from - b.from || b.to - a.to)) {
      const part = place.to < line ? undefined : this.#file.read(place)
      if (part === undefined) continue
      if (part.from > line) yield gap(line, part.from)
      yield part.from < line ? cutAfter(part, line - part.from)[1] : part
      line = place.to + 1
    }
    if (line < next) yield gap(line, next)
  }

  /** Copies every line of a lease that has none yet. */
  save(lease: string, spool: LogSpool): void {
    for (const { stepId } of spool.positions(lease)) {
      const kept = this.#of(lease, stepId)
      for (const part of spool.unstored(lease, stepId, kept.upto)) {
        const place = this.#file.write({ lease, stepId, part })
        if (place === undefined) return
        kept.places.push(place)
        kept.upto = place.to
      }
    }
  }

  /** The server has lines up to here on its disk. */
  stored(lease: string, stepId: string, upto: number): void {
    const kept = this.#leases.get(lease)?.get(stepId)
    if (kept === undefined) return
    const gone = kept.places.filter(({ to }) => to <= upto)
    kept.places = kept.places.filter(({ to }) => to > upto)
    for (const { slot } of gone) this.#file.free(slot)
  }

  drop(lease: string): void {
    for (const stepId of this.#leases.get(lease)?.keys() ?? []) this.stored(lease, stepId, Number.POSITIVE_INFINITY)
    this.#leases.delete(lease)
  }

  #of(lease: string, stepId: string): Kept {
    const steps = this.#leases.get(lease) ?? new Map<string, Kept>()
    this.#leases.set(lease, steps)
    const kept = steps.get(stepId) ?? { places: [], upto: 0 }
    steps.set(stepId, kept)
    return kept
  }
}

function gap(from: number, next: number): GapPart {
  return { at: 'gap', from, count: next - from, reason: LOST }
}
