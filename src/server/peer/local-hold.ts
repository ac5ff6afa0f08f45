import { LEASE, type Offer } from '../../protocol/index.ts'
import type { Core } from '../core.ts'
import type { By } from '../store/store.ts'
import { Budget, LocalLog } from './local-log.ts'
import { LocalWork } from './local-work.ts'

/** Ended attempts that are still known, so that a late `wait` or `done` gets its answer. */
const REMEMBERED = 1000

/** What the peer of this process has been given. */
export class LocalHold {
  readonly #core: Core
  readonly #by: By
  readonly #budget = new Budget()
  readonly #works = new Map<string, LocalWork>()

  constructor(core: Core, by: By) {
    this.#core = core
    this.#by = by
  }

  find(lease: string): LocalWork | undefined {
    return this.#works.get(lease)
  }

  take(offer: Offer): void {
    const { clock, store } = this.#core
    const { lease } = offer
    const openLog = (stepId: string) => {
      const refused = () => {
        const work = this.find(lease)
        if (work?.phase !== null) work?.lose('its lines are not taken any more')
      }
      return new LocalLog({ by: this.#by, lease, stepId, store, clock, budget: this.#budget, refused })
    }
    this.#works.set(lease, new LocalWork({ offer, clock, openLog }))
    if (this.#works.size > REMEMBERED) this.#tidy()
  }

  forget(lease: string): void {
    this.#works.get(lease)?.close()
    this.#works.delete(lease)
  }

  running(): LocalWork[] {
    return [...this.#works.values()].filter(({ phase }) => phase !== null)
  }

  shortestTtl(): number {
    return Math.min(LEASE.ttlMs, ...this.running().map(({ ttlMs }) => ttlMs))
  }

  /** Whoever could not renew in time counts as lost before the server lets it expire. */
  fence(): void {
    const now = this.#core.clock.monotonic()
    for (const work of this.running()) {
      const margin = Math.min(LEASE.fenceMarginMs, work.ttlMs / 6)
      if (now - work.renewed >= work.ttlMs - margin) work.lose('it could not be renewed in time')
    }
  }

  async flushed(): Promise<void> {
    await Promise.all([...this.#works.values()].map((work) => work.flushed()))
  }

  close(): void {
    for (const work of this.#works.values()) work.close()
  }

  #tidy(): void {
    for (const [lease, work] of this.#works) {
      const { name } = work.standing
      if (name !== 'done' && name !== 'lost') continue
      this.#works.delete(lease)
      if (this.#works.size <= REMEMBERED / 2) return
    }
  }
}
