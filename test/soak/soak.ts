import { type Client, dialClient } from '../../src/client/node.ts'
import { Random } from '../support/random.ts'
import type { Stage } from '../support/stage.ts'
import { waitUntil } from '../support/wait-until.ts'
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
    const over = new AbortController()
    const outages = new Outages(this.#world)
    const clients = [
      await this.#dial(this.#world.stage.server.url),
      await this.#dial(this.#world.operators.url),
    ] as const
    const watch = new Watch(clients[0], this.#random(1))
    const watching = watch.run(over.signal)
    const clear = this.#report(watch)
    const pace = new Pace(this.#settings.minutes * 60_000, this.#settings.stop)
    const harmed = this.#harm(pace)
    const mended = harmed.then(() => this.#world.keepUp(over.signal))
    const judged = this.#work(pace, harmed, watch, clients)
    try {
      // Without a server everybody waits: who cannot bring it back says so.
      await Promise.race([judged, mended])
      const { reconnects, longestMs } = outages
      const done = { submitted: this.#subjects.length, faults: this.#faults, reconnects, longestOutageMs: longestMs }
      return { ...(await judged), ...done }
    } finally {
      clear()
      outages.end()
      over.abort()
      for (const client of clients) client.close()
      await Promise.allSettled([watching, mended, judged])
    }
  }

  #harm(pace: Pace): Promise<void> {
    const { kinds, seed, lease } = this.#settings
    const count = (fault: string) => this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    return harm(kinds, seed, { world: this.#world, pace, leaseMs: lease * 1_000, count })
  }

  /** Submits as long as there is time, waits until everything has come to rest, and judges. */
  async #work(
    pace: Pace,
    harmed: Promise<void>,
    watch: Watch,
    [client, operator]: readonly [Client, Client],
  ): Promise<Verdict> {
    const world = this.#world
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
    await Promise.all([harmed, submitter.run()])
    await this.#rest(client)
    return judge({ world, client, subjects: this.#subjects, sightings: watch.sightings })
  }

  async #rest(client: Client): Promise<void> {
    const until = performance.now() + REST_MS
    const waits = new Set(this.#subjects)
    const isOver = async () => {
      for (const subject of waits) if (await isSettled(client, subject)) waits.delete(subject)
      // What never settles is for the judge to say.
      return waits.size === 0 || performance.now() > until
    }
    await waitUntil(isOver, { limitMs: Number.POSITIVE_INFINITY })
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
