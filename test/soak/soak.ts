import { type Client, dialClient } from '../../src/client/node.ts'
import { Random } from '../support/random.ts'
import type { Stage } from '../support/stage.ts'
import type { Subject } from './evidence.ts'
import { harm } from './faults.ts'
import { isSettled, judge, type Verdict } from './judge.ts'
import type { SoakOptions } from './options.ts'
import { Outages } from './outages.ts'
import { Pace } from './pace.ts'
import { Submitter } from './submitter.ts'
import { Watch } from './watch.ts'
import { World } from './world.ts'

/** What was done, and what came out. */
export interface Outcome extends Verdict {
  submitted: number
  /** By fault. */
  faults: ReadonlyMap<string, number>
  reconnects: number
  longestOutageMs: number
}

export interface Progress {
  submitted: number
  ended: number
  faults: number
  violations: number
}

export interface SoakSettings extends SoakOptions {
  /** Ends the harm early; everything is checked all the same. */
  stop: AbortSignal
  /** Told now and then. */
  progress?: (progress: Progress) => void
  /** Where it happens; of another build, say. */
  stage?: Stage
}

const PROGRESS_MS = 30_000
/** After the harm, a log that nobody claims settles within a minute or two. */
const REST_MS = 300_000
/** A third of a lease is the most that a server takes. */
const GRACE_MS = 1_000

/** Real work on real processes under random faults, then a comparison of what is told with what was done. */
export async function soak(settings: SoakSettings): Promise<Outcome> {
  const world = await World.begin(settings, settings.stage)
  try {
    return await new Soak(settings, world).run()
  } finally {
    await world.end()
  }
}

class Soak {
  readonly #settings: SoakSettings
  readonly #world: World
  readonly #subjects: Subject[] = []
  readonly #faults = new Map<string, number>()

  constructor(settings: SoakSettings, world: World) {
    this.#settings = settings
    this.#world = world
  }

  async run(): Promise<Outcome> {
    const { url } = this.#world.stage.server
    const [client, operator] = [await this.#dial(url), await this.#dial(this.#world.operators.url)]
    const over = new AbortController()
    const watch = new Watch(client, this.#random(1))
    const outages = new Outages(this.#world)
    const watching = watch.run(over.signal)
    const clear = this.#report(watch)
    try {
      await this.#live(operator, watch)
      await this.#rest(client)
    } finally {
      over.abort()
      clear()
      outages.end()
      await watching
    }
    const verdict = await judge({ world: this.#world, client, subjects: this.#subjects, sightings: watch.sightings })
    for (const end of [client, operator]) end.close()
    const { reconnects, longestMs } = outages
    return {
      ...verdict,
      submitted: this.#subjects.length,
      faults: this.#faults,
      reconnects,
      longestOutageMs: longestMs,
    }
  }

  /** Work and harm, until the time is over and everything is mended. */
  async #live(operator: Client, watch: Watch): Promise<void> {
    const { minutes, stop, kinds, seed, lease } = this.#settings
    const world = this.#world
    const pace = new Pace(minutes * 60_000, stop)
    const submitter = new Submitter({
      client: operator,
      pace,
      random: this.#random(0),
      where: { script: world.script, records: world.records, graceMs: GRACE_MS },
      open: () => watch.open,
      most: world.capacity * 3,
      submitted: (subject) => {
        this.#subjects.push(subject)
        watch.add(subject)
      },
    })
    const count = (fault: string) => this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    const harmed = harm(kinds, seed, { world, pace, leaseMs: lease * 1_000, count })
    const [, submitted] = await Promise.allSettled([harmed.then(() => world.heal()), submitter.run()])
    await harmed
    if (submitted.status === 'rejected') throw submitted.reason
  }

  async #rest(client: Client): Promise<void> {
    const until = performance.now() + REST_MS
    const waits = new Set(this.#subjects)
    while (waits.size > 0 && performance.now() < until) {
      await this.#world.heal()
      for (const subject of waits) if (await isSettled(client, subject)) waits.delete(subject)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** Says now and then how far it is; the answer ends that. */
  #report(watch: Watch): () => void {
    const timer = setInterval(() => {
      const faults = [...this.#faults.values()].reduce((sum, count) => sum + count, 0)
      const violations = watch.sightings.violations.length
      this.#settings.progress?.({ submitted: this.#subjects.length, ended: watch.ended, faults, violations })
    }, PROGRESS_MS)
    return () => clearInterval(timer)
  }

  #dial(url: string): Promise<Client> {
    return dialClient({ url, token: this.#world.stage.adminToken, giveUpMs: Number.POSITIVE_INFINITY })
  }

  /** Chances that belong to one user of them. */
  #random(user: number): Random {
    return new Random(this.#settings.seed * 1_000 + 900 + user)
  }
}
