import type { Clock, Labels, Log, WorkflowDetail, WorkflowView } from '../../protocol/index.ts'
import { EVERYTHING, isScoped, type Scope, scopeKey } from '../scope.ts'
import type { Change } from '../store/change.ts'
import type { Feed } from './feed.ts'
import { seenIn } from './seen.ts'
import type { Readable } from './snapshot.ts'

type Told = Change & { kind: 'workflow' | 'step' | 'agent' | 'queue' }

/** One entity that changed, and where that is to be told. */
interface Changed {
  readonly kind: 'workflow' | 'agent' | 'queue'
  readonly id: string
  version: number
  /** In the topic of all of its kind, and in its own. */
  inList: boolean
  /** Of the queue: whose. */
  readonly scope: Scope
  /** Labels that it had before these changes. */
  was: readonly Labels[]
  /** Monotonic milliseconds from which on it is read. */
  readonly due: number
}

/** Reads of the store at a time: it serves the agents first of all. */
const LOADS = 8
/** With more workflows waiting to be read than this, a list's subscribers are better off with a snapshot. */
const BEHIND = 2_000
const RETRY_MS = 1_000
/** With more connections than this … */
const CROWD = 16
/** … changes are told in lots, this often: to tell each of them at once to everybody would take the agents' time. */
const LOT_MS = 50

/**
 * Turns what commits changed into events. Changes are light; the view is read only for topics that somebody listens
 * to, once for all changes that came while an earlier read of the same entity was under way. The first of them tells at once where
 * few listen, and with the next lot where many do.
 */
export class FeedPump {
  readonly #feed: Feed
  readonly #store: Readable
  readonly #clock: Clock
  readonly #log: Log
  readonly #waiting = new Map<string, Changed>()
  readonly #loading = new Set<string>()
  #closed = false
  #cancelRetry: (() => void) | null = null
  #cancelLot: (() => void) | null = null

  constructor(options: { feed: Feed; store: Readable; clock: Clock; log: Log }) {
    this.#feed = options.feed
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
  }

  /** What a commit changed, in commit order. Cheap where nobody listens. */
  take(changes: readonly Change[]): void {
    for (const change of changes) this.#take(change)
    if (this.#waiting.size > BEHIND) this.#fallBehind()
    this.#run()
  }

  /** No more reads; those under way end unheard. */
  close(): void {
    this.#closed = true
    this.#waiting.clear()
    this.#cancelRetry?.()
    this.#cancelLot?.()
    this.#cancelRetry = this.#cancelLot = null
  }

  /** Entities to be read. */
  get behind(): number {
    return this.#waiting.size + this.#loading.size
  }

  #take(change: Change): void {
    switch (change.kind) {
      case 'log':
        this.#feed.publish(`logs/${change.id}`, { kind: 'log', attempt: change.attempt, part: change.part })
        return
      case 'queue':
        for (const scope of [EVERYTHING, ...change.scopes]) {
          if (this.#feed.wants('queue', scope)) this.#add({ ...this.#changedBy(change, scopeKey(scope)), scope })
        }
        return
      case 'agent':
        if (!this.#feed.wants('agents')) return
        this.#add({ ...this.#changedBy(change, change.id), inList: true })
        return
      case 'workflow':
      case 'step': {
        // The list shows no steps.
        const inList = change.kind === 'workflow' && this.#feed.wants('workflows')
        if (!inList && !this.#feed.wants(`workflow/${change.id}`)) return
        this.#add({ ...this.#changedBy(change, change.id), inList })
      }
    }
  }

  #add(changed: Changed): void {
    const key = `${changed.kind}/${changed.id}`
    const known = this.#waiting.get(key)
    if (known === undefined) {
      this.#waiting.set(key, changed)
      return
    }
    known.version = Math.max(known.version, changed.version)
    known.inList ||= changed.inList
    known.was = [...known.was, ...changed.was]
  }

  #changedBy(change: Told, id: string): Changed {
    const kind = change.kind === 'step' ? 'workflow' : change.kind
    const was = 'was' in change && change.was !== undefined ? [change.was] : []
    return { kind, id, version: change.version, inList: false, scope: EVERYTHING, was, due: this.#due() }
  }

  #due(): number {
    const lots = Math.floor(this.#clock.monotonic() / LOT_MS)
    return this.#feed.connections > CROWD ? (lots + 1) * LOT_MS : 0
  }

  #fallBehind(): void {
    for (const [key, changed] of this.#waiting) {
      if (changed.kind !== 'workflow') continue
      changed.inList = false
      if (!this.#feed.wants(`workflow/${changed.id}`)) this.#waiting.delete(key)
    }
    this.#feed.lose('workflows', 'too much has changed at once')
  }

  #run(): void {
    if (this.#closed || this.#cancelRetry !== null) return
    const now = this.#clock.monotonic()
    for (const [key, changed] of this.#waiting) {
      if (this.#loading.size >= LOADS) return
      if (changed.due > now) {
        this.#runAt(changed.due - now)
        return
      }
      if (this.#loading.has(key)) continue
      this.#waiting.delete(key)
      this.#loading.add(key)
      void this.#load(key, changed)
    }
  }

  #runAt(ms: number): void {
    this.#cancelLot ??= this.#clock.after(ms, () => {
      this.#cancelLot = null
      this.#run()
    })
  }

  /** Owned by the pump; never rejects. */
  async #load(key: string, changed: Changed): Promise<void> {
    try {
      await this.#tell(changed)
    } catch (error) {
      if (!this.#closed) this.#retry(changed, error)
    } finally {
      this.#loading.delete(key)
    }
    this.#run()
  }

  #retry(changed: Changed, error: unknown): void {
    this.#log.warn({ error, kind: changed.kind, id: changed.id }, 'a change could not be read; trying again')
    this.#add(changed)
    this.#cancelRetry ??= this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null
      this.#run()
    })
  }

  async #tell(changed: Changed): Promise<void> {
    const { kind, id, version, scope, was } = changed
    if (kind === 'queue') {
      const queue = await this.#store.queueInfo(scope)
      if (!this.#closed) this.#feed.publishIn(scope, 'queue', { kind: 'queue', queue })
    } else if (kind === 'agent') {
      const agent = await this.#store.getAgent(id)
      if (this.#closed) return
      this.#feed.publish('agents', agent === null ? { kind: 'removed', id, version } : { kind: 'agent', agent }, was)
    } else await this.#tellWorkflow(changed)
  }

  async #tellWorkflow({ id, version, inList, was }: Changed): Promise<void> {
    const removed = { kind: 'removed', id, version } as const
    const whole = await this.#store.get(id)
    // With its steps it shows more than itself, and in each scope something else: what it depends on.
    for (const scope of this.#feed.scopes(`workflow/${id}`)) {
      const workflow = isScoped(scope) ? await this.#store.get(id, scope) : whole
      if (this.#closed) return
      const data = workflow === null ? seenIn(scope, removed, was) : ({ kind: 'workflow', workflow } as const)
      if (data !== undefined) this.#feed.publishIn(scope, `workflow/${id}`, data)
    }
    if (!inList || this.#closed) return
    this.#feed.publish('workflows', whole === null ? removed : { kind: 'workflow', workflow: inAList(whole) }, was)
  }
}

/** As `list` shows it. */
function inAList(workflow: WorkflowDetail): WorkflowView {
  const { steps: _1, missing: _2, dependsOn: _3, attempts: _4, terms: _5, ...view } = workflow
  return view
}
