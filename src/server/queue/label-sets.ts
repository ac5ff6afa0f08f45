import type { Labels } from '../../protocol/index.ts'
import type { Bench } from './bench.ts'
import { Cohort, rankBenches } from './cohort.ts'
import { agentKey, matchLabels, setKey, wanted } from './matching.ts'

/** One distinct set of workflow labels, and who suits it. */
export interface LabelSet {
  readonly key: string
  readonly labels: Labels
  /** Workflows in the index that carry it. */
  uses: number
  /** Cohorts that match, best first. */
  suitors: Suitor[]
}

interface Suitor {
  readonly cohort: Cohort
  readonly score: number
}

/** Cohorts without anybody waiting are kept, up to so many: agents come and go all the time. */
const SPARE_COHORTS = 256

/**
 * Matches label sets with cohorts: agents whose labels no label set in use can tell apart. So neither a million
 * pending workflows nor ten thousand agents with names of their own make a match dearer.
 */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>()
  readonly #cohorts = new Map<string, Cohort>()
  /** `k=v` in use by label sets, and by how many. */
  readonly #pairs = new Map<string, number>()
  /** Who waits and has `k=v`. */
  readonly #having = new Map<string, Set<Bench>>()

  get count(): number {
    return this.#sets.size
  }

  get cohorts(): number {
    return this.#cohorts.size
  }

  /** Counts one more workflow with these labels. */
  use(labels: Labels): LabelSet {
    const key = setKey(labels)
    const set = this.#sets.get(key) ?? this.#add(key, labels)
    set.uses++
    return set
  }

  release(set: LabelSet): void {
    if (--set.uses > 0) return
    this.#sets.delete(set.key)
    for (const [key, value] of Object.entries(set.labels)) this.#countPair(pair(key, value), -1)
  }

  /** A bench is new. */
  join(bench: Bench): void {
    for (const [key, value] of Object.entries(bench.labels)) {
      const name = pair(key, value)
      const having = this.#having.get(name) ?? new Set()
      this.#having.set(name, having.add(bench))
    }
    this.#place(bench)
  }

  leave(bench: Bench): void {
    for (const [key, value] of Object.entries(bench.labels)) {
      const name = pair(key, value)
      const having = this.#having.get(name)
      having?.delete(bench)
      if (having?.size === 0) this.#having.delete(name)
    }
    this.#displace(bench)
    if (this.#cohorts.size > SPARE_COHORTS) this.#prune()
  }

  /** The best of those that wait and suit: score, then fewest running, then longest waiting. */
  pick(set: LabelSet, excluded: ReadonlySet<string>): Bench | undefined {
    let best: Bench | undefined
    let score = -1
    for (const suitor of set.suitors) {
      if (suitor.score < score) break
      const bench = suitor.cohort.first(excluded)
      if (bench === undefined || (best !== undefined && !rankBenches(bench, best))) continue
      best = bench
      score = suitor.score
    }
    return best
  }

  #add(key: string, labels: Labels): LabelSet {
    const set: LabelSet = { key, labels: Object.fromEntries(wanted(labels)), uses: 0, suitors: [] }
    this.#sets.set(key, set)
    for (const [label, value] of Object.entries(set.labels)) {
      const name = pair(label, value)
      if (this.#countPair(name, 1) > 1) continue
      // Who has it could not be told from who has not, until now.
      for (const bench of [...(this.#having.get(name) ?? [])]) {
        this.#displace(bench)
        this.#place(bench)
      }
    }
    for (const cohort of this.#cohorts.values()) consider(set, cohort)
    return set
  }

  #countPair(name: string, by: number): number {
    const count = (this.#pairs.get(name) ?? 0) + by
    if (count === 0) this.#pairs.delete(name)
    else this.#pairs.set(name, count)
    return count
  }

  #place(bench: Bench): void {
    const labels = this.#told(bench.labels)
    const key = agentKey(labels)
    const cohort = this.#cohorts.get(key) ?? this.#addCohort(key, labels)
    bench.cohort = cohort
    cohort.add(bench)
  }

  #displace(bench: Bench): void {
    bench.cohort?.forget(bench)
    bench.cohort = null
  }

  #addCohort(key: string, labels: Labels): Cohort {
    const cohort = new Cohort(key, labels)
    this.#cohorts.set(key, cohort)
    for (const set of this.#sets.values()) consider(set, cohort)
    return cohort
  }

  /** The labels that make a difference: wildcards, required ones, and those that some label set names. */
  #told(labels: Labels): Labels {
    const told = Object.entries(labels).filter(
      ([key, value]) => value === '*' || key.startsWith('!') || this.#pairs.has(pair(key, value)),
    )
    return Object.fromEntries(told)
  }

  #prune(): void {
    const empty = new Set([...this.#cohorts.values()].filter(({ members }) => members.size === 0))
    if (empty.size <= SPARE_COHORTS / 2) return
    for (const { key } of empty) this.#cohorts.delete(key)
    for (const set of this.#sets.values()) set.suitors = set.suitors.filter(({ cohort }) => !empty.has(cohort))
  }
}

function pair(key: string, value: string): string {
  return `${key}=${value}`
}

function consider(set: LabelSet, cohort: Cohort): void {
  const { match, score } = matchLabels(cohort.labels, set.labels)
  if (!match) return
  set.suitors.push({ cohort, score })
  set.suitors.sort((a, b) => b.score - a.score)
}
