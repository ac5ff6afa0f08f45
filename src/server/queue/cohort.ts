import type { Labels } from '../../protocol/index.ts'
import { type Bench, type Company, canServe } from './bench.ts'
import { Heap } from './heap.ts'

/** Whether `a` is asked before `b` when both suit equally: fewer running, then waiting longer. */
export function rankBenches(a: Bench, b: Bench): boolean {
  const more = a.agent.holds.size - b.agent.holds.size
  return more === 0 ? (a.seats[0]?.order ?? 0) < (b.seats[0]?.order ?? 0) : more < 0
}

/** Benches that suit every label set equally. */
export class Cohort implements Company {
  readonly key: string
  readonly labels: Labels
  readonly members = new Set<Bench>()
  /** Those that can be given work now. */
  readonly #ready = new Heap<Bench>(rankBenches)

  constructor(key: string, labels: Labels) {
    this.key = key
    this.labels = labels
  }

  /** Whoever is asked first. */
  first(excluded: ReadonlySet<string>): Bench | undefined {
    const top = this.#ready.peek()
    if (top === undefined || !excluded.has(top.agent.id)) return top
    let best: Bench | undefined
    for (const bench of this.#ready.items) {
      if (excluded.has(bench.agent.id)) continue
      if (best === undefined || rankBenches(bench, best)) best = bench
    }
    return best
  }

  add(bench: Bench): void {
    this.members.add(bench)
    this.refresh(bench)
  }

  refresh(bench: Bench): void {
    if (!canServe(bench)) this.#ready.remove(bench)
    else if (this.#ready.has(bench)) this.#ready.update(bench)
    else this.#ready.push(bench)
  }

  forget(bench: Bench): void {
    this.#ready.remove(bench)
    this.members.delete(bench)
  }
}
