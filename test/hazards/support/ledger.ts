import { createHash } from 'node:crypto'
import type { FeedData, FrameOf, ResultOf } from '../../../src/protocol/index.ts'

/** What somebody was told at an offset: whoever else gets it must get the same. */
interface Told {
  readonly id: string
  readonly what: string
}

/** Every event of a topic that anybody has seen, by its offset. */
export class Truth {
  readonly #told = new Map<number, Told>()

  /** False: somebody was told something else. */
  agrees(offset: number, told: Told): boolean {
    const known = this.#told.get(offset)
    if (known === undefined) this.#told.set(offset, told)
    return known === undefined || known.what === told.what
  }

  at(offset: number): Told | undefined {
    return this.#told.get(offset)
  }
}

/** What one subscription was told, offset by offset, and what its reader knows by that. */
export class Ledger {
  /** Ranges that were named as missed. */
  readonly missed: [from: number, to: number][] = []
  readonly #isLog: boolean
  readonly #faults: string[] = []
  readonly #truth: Truth
  readonly #state = new Map<string, FeedData>()
  readonly #skipped: [from: number, to: number][] = []
  #early: (FrameOf<'event'> | FrameOf<'missed'>)[] | undefined = []
  /** All up to here was told, given up for something newer, or named as missed. */
  #upto = 0

  constructor(topic: string, truth: Truth) {
    this.#isLog = topic.startsWith('logs/')
    this.#truth = truth
  }

  get upto(): number {
    return this.#upto
  }

  open({ offset, page }: ResultOf<'subscribe'>): void {
    this.#upto = offset
    for (const data of page) this.#keep(data)
    const early = this.#early ?? []
    this.#early = undefined
    for (const frame of early) this.take(frame)
  }

  take(frame: FrameOf<'event'> | FrameOf<'missed'>): void {
    if (this.#early !== undefined) this.#early.push(frame)
    else if (frame.type === 'missed') this.#miss(frame.from, frame.to)
    else this.#event(frame.offset, frame.data as FeedData)
  }

  /** Of what its reader knows about these: who was always told knows older ones too. */
  hash(all: readonly FeedData[]): string {
    return hashOf(all.flatMap((data) => this.#state.get(idOf(data)) ?? []))
  }

  /** What is wrong with what it was told. An offset that never came must be in a range, or worthless by a later one of the same entity. */
  faults(): readonly string[] {
    const missed = this.missed.at(-1)?.[1] ?? 0
    for (const [from, to] of this.#skipped) {
      for (let offset = from; offset <= to; offset++) {
        const told = this.#truth.at(offset)
        const known = this.#state.get(told?.id ?? '')
        // After a miss all was told anew; and a snapshot may have told what is as new.
        if (offset <= missed) continue
        if (told === undefined || (known !== undefined && Number(versionOf(known)) >= Number(told.what))) continue
        this.#faults.push(`${offset}, of ${told.id}, was neither told nor missed`)
      }
    }
    return this.#faults
  }

  #event(offset: number, data: FeedData): void {
    const ofSnapshot = !this.#isLog && offset === this.missed.at(-1)?.[1] && offset === this.#upto
    if (!ofSnapshot) {
      const told = { id: idOf(data), what: data.kind === 'log' ? data.part.kind + textOf(data) : versionOf(data) }
      if (offset <= this.#upto) this.#faults.push(`${offset} came after ${this.#upto}`)
      if (!this.#truth.agrees(offset, told)) this.#faults.push(`${offset} is not what somebody else was told`)
      this.#skip(offset)
      this.#upto = offset
    }
    this.#keep(data)
  }

  #miss(from: number, to: number): void {
    if (from <= this.#upto || to < from) this.#faults.push(`${from}–${to} is missed, after ${this.#upto}`)
    this.#skip(from)
    this.missed.push([from, to])
    this.#upto = to
    this.#state.clear()
  }

  #skip(offset: number): void {
    if (offset <= this.#upto + 1) return
    if (this.#isLog) this.#faults.push(`${this.#upto + 1}–${offset - 1} of the lines never came`)
    this.#skipped.push([this.#upto + 1, offset - 1])
  }

  #keep(data: FeedData): void {
    if (data.kind === 'log') return
    const before = this.#state.get(idOf(data))
    if (before === undefined || Number(versionOf(before)) < Number(versionOf(data))) this.#state.set(idOf(data), data)
  }
}

export function hashOf(all: readonly FeedData[]): string {
  const rows = all.filter(({ kind }) => kind !== 'removed').map((data) => JSON.stringify(data, inOrder))
  return createHash('sha256').update(rows.sort().join('\n')).digest('hex')
}

/** Fields by their names, and without when an agent was last heard of, which is no change of it. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).filter(([name]) => name !== 'lastSeen')
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function idOf(data: FeedData): string {
  if (data.kind === 'workflow') return data.workflow.id
  if (data.kind === 'agent') return data.agent.id
  return data.kind === 'removed' ? data.id : data.kind
}

function versionOf(data: FeedData): string {
  if (data.kind === 'workflow') return String(data.workflow.version)
  if (data.kind === 'agent') return String(data.agent.version)
  if (data.kind === 'queue') return String(data.queue.version)
  return data.kind === 'removed' ? String(data.version) : '0'
}

function textOf({ part }: FeedData & { kind: 'log' }): string {
  return `${part.from}–${part.to} ${part.kind === 'lines' ? part.text : part.reason}`
}
