import { describe, expect, test } from 'vitest'
import type { Offer } from '../../../src/protocol/index.ts'
import { Random } from '../../support/random.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { ENDED, offer } from '../offers.ts'
import { folder, leftBy } from './folder.ts'
import { begin, type Life, live } from './life.ts'

/** One lease, as a server that never forgets knows it. */
interface Known {
  work: Offer
  /** Lines that were written, that are surely in the journal's files or stored, and that are stored. */
  made: number
  safe: number
  stored: number
  /** The parameters of its `done`. */
  result: unknown
  answered: boolean
}

/** Some work, some lines, some of them stored, some ends that are answered and some that are not. */
class Play {
  readonly known = new Map<string, Known>()
  readonly #random: Random
  readonly #life: Life

  constructor(seed: number, life: Life) {
    this.#random = new Random(seed)
    this.#life = life
    life.server.on('done', ({ params }) => this.#done(params as { lease: string }))
  }

  async play(): Promise<void> {
    for (let at = 0; at < 25; at++) await this.#step(at)
  }

  async #step(at: number): Promise<void> {
    const act = this.#random.pick(['begin', 'say', 'say', 'store', 'wait', 'end'])
    const running = [...this.known.values()].filter(({ result }) => result === undefined)
    if (act === 'begin' || running.length === 0) return this.#begin(`l${at}`)
    const known = this.#random.pick(running)
    if (act === 'say') this.#say(known)
    else if (act === 'store') await this.#store()
    else if (act === 'wait') await this.#wait()
    else await this.#end(known)
  }

  async #begin(lease: string): Promise<void> {
    const work = await begin(this.#life, offer(lease))
    this.known.set(lease, { work, made: 0, safe: 0, stored: 0, result: undefined, answered: false })
  }

  #say(known: Known): void {
    const lines = Array.from({ length: this.#random.between(1, 400) }, () => `${known.work.lease} ${++known.made}\n`)
    this.#life.peer.enqueueLog(known.work, { stepId: 'build', kind: 'out', text: lines.join('') })
  }

  /** Some of what was sent is on the server's disk. */
  async #store(): Promise<void> {
    for (const { lease, from, runs } of this.#life.server.framesOf('log')) {
      const known = this.known.get(lease)
      const upto = from - 1 + runs.reduce((sum, [count]) => sum + count, 0)
      if (known === undefined || upto <= known.stored || this.#random.next() < 0.5) continue
      known.stored = upto
      this.#life.server.last.send({ type: 'stored', lease, stepId: 'build', upto })
    }
    await this.#life.clock.advance(0)
  }

  async #wait(): Promise<void> {
    await this.#life.clock.advance(this.#random.between(1_000, 5_000))
    for (const known of this.known.values()) known.safe = known.made
  }

  async #end(known: Known): Promise<void> {
    const { lease } = known.work
    this.#life.peer.done(known.work, { ...ENDED, error: `so ended ${lease}` }).catch(() => {})
    await waitUntil(() => known.result !== undefined, { what: `the end of ${lease}` })
    await this.#life.clock.advance(0)
  }

  #done(params: { lease: string }): unknown {
    const known = this.known.get(params.lease)
    if (known === undefined) throw new Error(`${params.lease} was never begun`)
    known.result = params
    known.answered = this.#random.next() < 0.5
    return known.answered ? {} : new Promise(() => {})
  }
}

/** The next start, over what is left now, with the verdicts that a true server would have. */
async function heirOf(life: Life, known: Play['known']): Promise<Life> {
  const heir = await live(leftBy(life.directory), ({ server }) => {
    server.welcome = ({ claims }) => ({
      claims: claims.map(({ lease, phase }) => {
        const { answered = false, stored = 0 } = known.get(lease) ?? {}
        const verdict = answered ? 'done' : phase === 'done' ? 'keep' : 'logs'
        return { lease, verdict, steps: [{ stepId: 'build', upto: stored }] }
      }),
    })
  })
  await heir.clock.advance(1_000)
  return heir
}

/** The numbers of the lines that were sent of a lease; each says its own. */
function linesSent({ server }: Life, lease: string): number[] {
  const texts = server
    .framesOf('log')
    .flatMap((frame) => (frame.lease === lease ? frame.text.trimEnd().split('\n') : []))
  return texts.map((text) => Number(text.slice(lease.length + 1)))
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)

describe('an agent killed at any moment', () => {
  test.each(range(1, 25))('owes its heir all that it owed (seed %i)', async (seed) => {
    const life = await live(folder())
    const play = new Play(seed, life)
    await play.play()
    const heir = await heirOf(life, play.known)
    const claims = new Map(heir.server.connections[0]?.hello?.claims.map(({ lease, phase }) => [lease, phase]))
    for (const [lease, { result, answered, made, safe, stored }] of play.known) {
      const over = answered && stored === made
      const phase = over ? undefined : result === undefined ? 'interrupted' : 'done'
      expect([lease, claims.get(lease)]).toEqual([lease, phase])
      const sent = linesSent(heir, lease)
      const last = result === undefined ? Math.max(stored, sent.at(-1) ?? 0) : made
      expect(sent).toEqual(range(stored + 1, last))
      expect(last).toBeGreaterThanOrEqual(safe)
    }
    const owed = [...play.known.values()].filter(({ result, answered }) => result !== undefined && !answered)
    expect(heir.server.callsOf('done').map(({ params }) => params)).toEqual(owed.map(({ result }) => result))
    expect(heir.server.framesOf('gap')).toEqual([])
  })
})
