import {
  BusError,
  type Frame,
  type FrameOf,
  findMethod,
  METHODS,
  type ParamsOf,
  VERSIONS,
} from '../../protocol/index.ts'
import type { SocketPort } from '../../socket/index.ts'
import { shown } from '../verdict.ts'
import { Waiting } from '../waiting.ts'
import { House } from './house.ts'
import type { Judge } from './judge.ts'
import { Ledger } from './ledger.ts'
import { type Call, HELD, type Script, stale } from './script.ts'
import { Visit } from './visit.ts'
import type { Work } from './work.ts'

/** The credit's window, where a scene names none. */
const WINDOW = 64 * 1024

/** Plays the server: answers as usual, or as a scene says, and remembers what it hears. */
export class Desk {
  readonly judge: Judge
  readonly visits: Visit[] = []
  /** When somebody dialled, monotonic. */
  readonly knocks: number[] = []
  /** Every `extend`, and when it came. */
  readonly extends: { at: number; leases: ParamsOf<'extend'>['leases'] }[] = []
  readonly waiting = new Waiting({ story: () => this.story(), over: () => this.#over })
  script: Script = {}
  readonly #ledger: Ledger
  readonly #works = new Map<string, Work>()
  #house: House | undefined
  #over = false

  private constructor(judge: Judge) {
    this.judge = judge
    this.#ledger = new Ledger(judge)
  }

  static async open(judge: Judge, host: string, port: number): Promise<Desk> {
    const desk = new Desk(judge)
    desk.#house = await House.open({
      host,
      port,
      onKnock: ({ request, at }) => {
        desk.knocks.push(at)
        desk.#ledger.knocked(request.headers, request.url ?? '', desk.house.token)
        desk.waiting.wake()
      },
      onPort: (socket) => desk.#visited(socket),
    })
    return desk
  }

  get house(): House {
    if (this.#house === undefined) throw new Error('not open')
    return this.#house
  }

  /** The newest connection, if it is open and welcomed. */
  get visit(): Visit | undefined {
    const last = this.visits.at(-1)
    return last?.welcomed && last.wire.closed === undefined ? last : undefined
  }

  story(): string {
    const last = this.visits.at(-1)
    return last === undefined ? 'nobody has come' : `connection ${last.number}: ${last.wire.story()}`
  }

  add(work: Work): void {
    this.#works.set(work.lease, work)
  }

  /** Answers a call that was held. */
  answer({ visit, id, method, work }: Call, result: unknown): void {
    if (result instanceof BusError) visit.wire.say({ type: 'error', id, error: result.toBody() })
    else visit.wire.say({ type: 'response', id, result })
    if (work === undefined) return
    if (method === 'init') work.accepted = true
    const isRefused = result instanceof BusError
    if (method === 'done' && !isRefused) work.done = true
    if (isRefused ? result.code === 'stale_lease' : method === 'done') work.over = true
  }

  async close(): Promise<void> {
    this.#over = true
    for (const { wire } of this.visits) wire.hangUp()
    this.waiting.wake()
    await this.#house?.close()
  }

  #visited(port: SocketPort): void {
    const visit: Visit = new Visit(this.visits.length + 1, port, {
      onText: (text) => this.#ledger.message(text),
      onFrame: (frame) => this.#frame(visit, frame),
      onBroken: (why) => this.#ledger.broken(why),
      onEnd: () => this.waiting.wake(),
    })
    this.visits.push(visit)
  }

  #frame(visit: Visit, frame: Frame): void {
    this.#ledger.frame(visit, frame)
    if (frame.type === 'hello') this.#hello(visit, frame)
    else if (frame.type === 'request') this.#request(visit, frame)
    else if (frame.type === 'abort') this.#abort(visit, frame.id)
    else if (frame.type === 'log') this.#log(visit, frame)
    else if (frame.type === 'gap') this.#gap(visit, frame)
    else if (frame.type === 'receipt') {
      this.#works.get(frame.lease)?.said.push({ kind: 'receipt', at: performance.now(), visit: visit.number, frame })
    } else if (frame.type === 'ping') visit.wire.say({ ...frame, type: 'pong' })
    this.waiting.wake()
  }

  #hello(visit: Visit, hello: FrameOf<'hello'>): void {
    if (visit.hello !== undefined) return
    visit.hello = hello
    for (const work of this.#works.values()) work.reconnected()
    if (this.script.greets === false) return
    const more = this.script.welcome?.(hello) ?? {}
    const given = new Map(more.claims?.map((claim) => [claim.lease, claim.verdict]))
    for (const { lease } of hello.claims) {
      const work = this.#works.get(lease)
      if (work !== undefined && given.get(lease) !== 'keep') work.over = true
    }
    for (const { lease, steps } of more.claims ?? []) {
      const work = this.#works.get(lease)
      for (const { stepId, upto } of steps) {
        if (work !== undefined) work.track(stepId).upto = upto
      }
    }
    visit.welcome(more)
  }

  #request(visit: Visit, { id, method: name, params: given }: FrameOf<'request'>): void {
    visit.asked = id
    const method = findMethod(name)
    if (method === undefined || METHODS[method].params.safeParse(given).success === false) {
      this.#ledger.broken(`the request ${name} with ${shown(given)}`)
      const code = method === undefined ? 'unknown_method' : 'bad_request'
      visit.wire.say({ type: 'error', id, error: new BusError(code, 'not as its schema says').toBody() })
      return
    }
    const { lease } = given as { lease?: string }
    const call: Call = { visit, id, method, params: given, work: this.#works.get(lease ?? '') }
    if (call.work !== undefined) this.#note(call.work, call)
    if (method === 'extend') this.extends.push({ at: performance.now(), ...(given as ParamsOf<'extend'>) })
    const scripted = this.script.call?.(call)
    const result = scripted === undefined ? this.#usual(call) : scripted
    if (result !== HELD) this.answer(call, result)
  }

  #note(work: Work, { visit, method, params }: Call): void {
    const when = { at: performance.now(), visit: visit.number }
    if (method === 'init') work.said.push({ kind: 'init', ...when, params: params as ParamsOf<'init'> })
    if (method === 'update') {
      this.#ledger.update(work, params as ParamsOf<'update'>)
      work.said.push({ kind: 'update', ...when, params: params as ParamsOf<'update'> })
    }
    if (method === 'done') {
      this.#ledger.done(work, params as ParamsOf<'done'>)
      work.said.push({ kind: 'done', ...when, params: params as ParamsOf<'done'> })
    }
  }

  #usual({ visit, id, method, params, work }: Call): unknown {
    if (method === 'next') {
      visit.nexts.push(id)
      this.#ledger.next(visit, [...this.#works.values()].filter((one) => one.holds).length)
      return HELD
    }
    if (method === 'extend') {
      const { leases } = params as ParamsOf<'extend'>
      const verdict = (lease: string) => this.#works.get(lease)?.verdict ?? 'lost'
      return { claims: leases.map(({ lease }) => ({ lease, verdict: verdict(lease) })) }
    }
    if (method === 'version') return { protocol: VERSIONS[0], server: 'conformance' }
    if (method === 'register') return { id: 'agent', name: visit.name }
    if (method === 'init') return work === undefined ? stale() : { secrets: {} }
    if (method === 'decline' && work !== undefined) work.over = true
    return METHODS[method].role === 'agent' ? {} : new BusError('forbidden', 'not for an agent')
  }

  #abort(visit: Visit, id: number): void {
    const at = visit.nexts.indexOf(id)
    if (at === -1) return
    visit.nexts.splice(at, 1)
    visit.wire.say({ type: 'response', id, result: null })
  }

  #log(visit: Visit, frame: FrameOf<'log'>): void {
    const work = this.#works.get(frame.lease)
    if (work === undefined) return
    const drops = this.script.drops?.(frame) ?? false
    const counts = this.#ledger.log(visit, work, frame, drops)
    work.said.push({ kind: 'log', at: performance.now(), visit: visit.number, frame })
    const { stores = true, window = WINDOW } = this.script
    const track = work.track(frame.stepId)
    if (drops) this.store(visit, work, frame.stepId, frame.from - 1, true)
    else if (counts && stores) this.store(visit, work, frame.stepId, track.end - 1)
    if (window !== null) visit.grant(window)
  }

  #gap(visit: Visit, frame: FrameOf<'gap'>): void {
    const work = this.#works.get(frame.lease)
    if (work === undefined) return
    const counts = this.#ledger.gap(work, frame)
    work.said.push({ kind: 'gap', at: performance.now(), visit: visit.number, frame })
    if (counts && this.script.stores !== false) this.store(visit, work, frame.stepId, frame.to)
  }

  /** Acknowledges lines; a `rewind` asks for those behind again. */
  store(visit: Visit, work: Work, stepId: string, upto: number, rewind?: true): void {
    const { lease } = work
    const track = work.track(stepId)
    track.upto = upto
    if (rewind) track.rewind = upto
    visit.wire.say({ type: 'stored', lease, stepId, upto, ...(rewind === undefined ? {} : { rewind }) })
  }
}
