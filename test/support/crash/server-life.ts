import { expect } from 'vitest'
import { CRASH_POINTS, type CrashPoint } from '../../../src/protocol/index.ts'
import { onStage } from '../on-stage.ts'
import { Random } from '../random.ts'
import type { Running } from '../running.ts'
import { Crew } from './crew.ts'
import { Desk } from './desk.ts'
import { MortalServer } from './mortal-server.ts'
import { shuffled } from './shuffled.ts'
import { expectEmpty, expectSound } from './sound.ts'

/** Outages of a minute lose no lease; margins and repeats are of a second. */
const FLAGS = ['--test-timings', '--lease', '120s']
const PRUNING = ['--test-timings', '--lease', '2s', '--keep', '1s']
const DEATH_MS = 180_000

const all = Object.keys(CRASH_POINTS) as CrashPoint[]
const SERVER_POINTS = all.filter((point) => !point.startsWith('agent.'))

/** Passed as the very first start makes the admin. */
const FIRST: readonly CrashPoint[] = ['server.credential.asked', 'server.credential.committed']
/** Passed once somebody asks for it: until then a server armed with one of them lets everything come to rest. */
const ASKED: readonly CrashPoint[] = [
  'server.submit.committed',
  'server.cancel.committed',
  'server.cancel.sent',
  'server.receipt.committed',
  'server.requeue.committed',
]
/** Passed as a server leaves. */
const LEAVING: readonly CrashPoint[] = ['server.bye.sent', 'server.store.closing']
const PRUNE: readonly CrashPoint[] = ['server.prune.committed', 'store.prune.written']
/** Passed again and again, whatever happens. */
const OFTEN = SERVER_POINTS.filter((point) => ![...FIRST, ...ASKED, ...LEAVING, ...PRUNE].includes(point))
/** Which time it is reached is chance, up to this; the others are reached once or twice in a round. */
const MOST: Partial<Record<CrashPoint, number>> = {
  'server.request.received': 20,
  'server.response.sent': 20,
  'server.update.committed': 6,
  'server.log.received': 6,
  'server.log.committed': 6,
  'server.stored.sent': 6,
  'server.change.committed': 20,
  'server.event.sent': 12,
  'server.sweep.committed': 6,
  'server.bye.sent': 2,
  'server.store.closing': 1,
  'server.credential.asked': 1,
  'server.credential.committed': 1,
  'store.opened': 1,
  'store.batch.written': 30,
  'store.batch.committed': 30,
}
const FEW = 3

/** So many seeds in a row share the places. */
const SHARING = 5

/** A server dies once at every place there is, in an order that the seed gives, while agents work and an operator asks. */
export function dieEverywhere(seed: number): Promise<void> {
  return die(seed, SERVER_POINTS)
}

/** The same at the seed's share of the places. */
export function dieAtShare(seed: number): Promise<void> {
  return die(seed, shareOf(seed))
}

export function shareOf(seed: number): CrashPoint[] {
  return SERVER_POINTS.filter((_, at) => (at + seed) % SHARING === 0)
}

function die(seed: number, points: readonly CrashPoint[]): Promise<void> {
  return onStage(async (stage) => {
    const server = new MortalServer(stage)
    const life = new ServerLife(server, new Random(seed), points)
    try {
      await life.live()
    } catch (error) {
      if (error instanceof Error) error.message += `\nseed ${seed}: ${life.diary.join(', ')}`
      throw error
    } finally {
      await life.close()
    }
  })
}

class ServerLife {
  readonly #server: MortalServer
  readonly #random: Random
  readonly #points: readonly CrashPoint[]
  readonly diary: string[] = []
  #crew: Crew | undefined
  #desk: Desk | undefined
  /** A round that waits for its server; one at a time. */
  #round: Promise<void> | undefined

  constructor(server: MortalServer, random: Random, points: readonly CrashPoint[]) {
    this.#server = server
    this.#random = random
    this.#points = points
  }

  async live(): Promise<void> {
    for (const point of this.#mine(FIRST)) await this.#dieAlone(point, FLAGS)
    await this.#open()
    for (const point of this.#sequence()) await this.#dieAt(point)
    await this.#end()
  }

  async close(): Promise<void> {
    this.#desk?.close()
    await this.#crew?.dismiss()
  }

  /** Agents and the operator, who stay until the end. */
  async #open(): Promise<void> {
    await this.#start(FLAGS)
    this.#desk = await Desk.open(this.#server, this.#random)
    this.#crew = new Crew(this.#server, await this.#desk.agentToken(), this.#random)
    this.#crew.hire('ann', 'bob')
    await this.#goDown()
  }

  /** A few places, then one at which nothing happens by itself: so everything comes to rest in between. */
  #sequence(): CrashPoint[] {
    const often = shuffled(this.#mine(OFTEN), this.#random)
    const calm = shuffled(this.#mine([...ASKED, ...LEAVING]), this.#random)
    const each = Math.ceil(often.length / calm.length)
    return calm.flatMap((point, at) => [...often.slice(at * each, (at + 1) * each), point])
  }

  async #dieAt(point: CrashPoint): Promise<void> {
    const process = await this.#start(FLAGS, point)
    const isLeaving = LEAVING.includes(point)
    if (isLeaving || ASKED.includes(point)) await this.#unlessDead(process, () => this.#rest())
    if (isLeaving) process.signal('SIGTERM')
    while (process.ended === undefined && !isLeaving) await this.#unlessDead(process, () => this.#work())
    await this.#isDead(process)
  }

  /** Dies while nobody asks for anything. */
  async #dieAlone(point: CrashPoint, flags: readonly string[]): Promise<void> {
    await this.#isDead(await this.#start(flags, point))
  }

  async #isDead(process: Running): Promise<void> {
    expect(await process.finished(DEATH_MS)).toEqual({ code: null, signal: 'SIGKILL' })
  }

  async #unlessDead(process: Running, act: () => Promise<void>): Promise<void> {
    await Promise.race([act(), process.finished(DEATH_MS)])
  }

  async #start(flags: readonly string[], point?: CrashPoint): Promise<Running> {
    const where = point && `${point}:${this.#random.between(1, MOST[point] ?? FEW)}`
    this.diary.push(where ?? 'none')
    return this.#server.start(flags, where)
  }

  async #goDown(): Promise<void> {
    const { process } = this.#server
    process.signal('SIGTERM')
    expect(await process.finished(DEATH_MS)).toEqual({ code: 0, signal: null })
  }

  /** The operator's round; one that has lost its server goes on with the next. */
  #work(): Promise<void> {
    const { crew, desk } = this.#people
    this.#round ??= desk.round(crew).finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** Nothing is under way any more, and all is as it was promised. */
  async #rest(): Promise<void> {
    const { crew, desk } = this.#people
    await this.#round
    await desk.judge(crew)
    expect(crew.faults).toEqual([])
    expect(this.#server.complaints()).toEqual([])
  }

  /** Everything has been kept long enough: it goes, whatever dies meanwhile. */
  async #end(): Promise<void> {
    await this.#start(FLAGS)
    await this.#rest()
    await this.#crew?.leave()
    await this.#goDown()
    for (const point of shuffled(this.#mine(PRUNE), this.#random)) await this.#dieAlone(point, PRUNING)
    await this.#start(PRUNING)
    await this.#desk?.allGone()
    await expectEmpty(this.#server.data)
    this.#desk?.close()
    await this.#goDown()
    await expectSound(this.#server.data)
    expect(this.#server.complaints()).toEqual([])
  }

  get #people(): { crew: Crew; desk: Desk } {
    if (this.#crew === undefined || this.#desk === undefined) throw new Error('nobody is there yet')
    return { crew: this.#crew, desk: this.#desk }
  }

  /** Of these, the places at which this life is to end its server. */
  #mine(points: readonly CrashPoint[]): CrashPoint[] {
    return points.filter((point) => this.#points.includes(point))
  }
}
