import {
  type Frame,
  type FrameOf,
  LIMITS_IN_FORCE,
  LOGS,
  linesOf,
  MESSAGE,
  type ParamsOf,
  SUBPROTOCOL,
  utf8Length,
} from '../../protocol/index.ts'
import type { Judge } from './judge.ts'
import type { Visit } from './visit.ts'
import { linesIn, type Track, type Work } from './work.ts'

/** Judges whatever the agent says by the rules that always hold. */
export class Ledger {
  readonly #judge: Judge
  #boot: string | undefined
  #dial = 0

  constructor(judge: Judge) {
    this.#judge = judge
  }

  knocked(headers: Readonly<Record<string, string | string[] | undefined>>, path: string, token: string): void {
    const { authorization, origin } = headers
    const offered = String(headers['sec-websocket-protocol'] ?? '')
    const right = path === '/bus' && authorization === `Bearer ${token}` && origin === undefined
    this.#judge.always(
      'dial',
      right && offered.split(/, */).includes(SUBPROTOCOL),
      'GET /bus with Bearer, subprotocol and no Origin',
      {
        path,
        bearer: authorization === `Bearer ${token}`,
        subprotocol: offered,
        origin,
      },
    )
  }

  message(text: string): void {
    const bytes = utf8Length(text)
    const most = text.includes('"hello"') ? MESSAGE.helloBytes : LIMITS_IN_FORCE.messageBytes
    this.#judge.always('frames', bytes <= most, `messages of at most ${most} bytes`, `${bytes} bytes`)
  }

  broken(why: string): void {
    this.#judge.fail('frames', 'frames as their schemas say', why)
  }

  frame(visit: Visit, frame: Frame): void {
    if (frame.type === 'hello') this.#hello(visit, frame)
    else if (!visit.welcomed) this.#judge.fail('hello', 'hello first, and nothing more until welcome', frame)
    if (frame.type !== 'request') return
    this.#judge.always('ids', frame.id === visit.asked + 1, `request ${visit.asked + 1}`, `request ${frame.id}`)
  }

  #hello(visit: Visit, { boot, dial, versions, agent }: FrameOf<'hello'>): void {
    const first = visit.hello === undefined && versions.includes(1) && agent !== undefined
    this.#judge.always('hello', first, 'one hello, with version 1 and agent', {
      versions,
      agent,
      second: visit.hello !== undefined,
    })
    if (this.#boot === undefined) this.#judge.always('boots', dial === 1, 'dial 1 at first', `dial ${dial}`)
    else {
      const risen = boot === this.#boot && dial > this.#dial
      this.#judge.always(
        'boots',
        risen,
        `boot ${this.#boot} with a dial over ${this.#dial}`,
        `boot ${boot}, dial ${dial}`,
      )
    }
    this.#boot = boot
    this.#dial = dial
  }

  /** `held`: works that are surely still running. */
  next(visit: Visit, held: number): void {
    const open = visit.nexts.length
    if (open + held > visit.capacity)
      this.#judge.fail('next', `at most ${visit.capacity - held} open next`, `${open} with ${held} at work`)
  }

  /** Anything of a lease but receipts. */
  spoke(work: Work, what: string): void {
    if (!work.accepted) this.#judge.fail('init', 'nothing of a lease before its init is answered', what)
  }

  update(work: Work, { seq, step }: ParamsOf<'update'>): void {
    this.spoke(work, 'update')
    const before = work.of('update').filter(({ params }) => params.step.stepId === step.stepId)
    const last = Math.max(0, ...before.map(({ params }) => params.seq))
    const twin = before.find(({ params }) => params.seq === seq)
    const same = twin === undefined ? seq === last + 1 : JSON.stringify(twin.params.step) === JSON.stringify(step)
    this.#judge.always('updates', same, `seq ${last + 1} of step ${step.stepId}, or a repeat`, { seq, step })
  }

  done(work: Work, { steps }: ParamsOf<'done'>): void {
    this.spoke(work, 'done')
    const named = steps.map(({ stepId }) => stepId).sort()
    const wanted = work.offer.workflow.steps.map(({ id }) => id).sort()
    this.#judge.always('done', named.join() === wanted.join(), `the steps ${wanted.join(', ')}`, named)
    for (const { stepId, lines } of steps) {
      const seen = work.track(stepId).end - 1
      if (lines < seen) this.#judge.fail('lines', `done to count ${seen} lines of ${stepId} or more`, `${lines}`)
    }
  }

  /** Judges a frame of lines by its place, and whether it counts: behind a rewind, or dropped, it does not. */
  log(visit: Visit, work: Work, frame: FrameOf<'log'>, drops: boolean): boolean {
    this.spoke(work, 'log')
    const lines = linesOf(frame.runs)
    visit.spent += utf8Length(frame.text) + lines * LOGS.lineCost
    const { spent, limit } = visit
    if (spent > limit) this.#judge.fail('credit', `at most ${limit} bytes of logs`, `${spent} bytes`)
    const track = work.track(frame.stepId)
    const counts = this.#place(track, frame.from)
    track.next = frame.from + lines
    if (!counts || drops) return false
    this.#texts(track, frame)
    track.end = Math.max(track.end, track.next)
    return true
  }

  gap(work: Work, { stepId, from, to }: FrameOf<'gap'>): boolean {
    this.spoke(work, 'gap')
    const track = work.track(stepId)
    const counts = this.#place(track, from)
    track.next = to + 1
    if (counts) track.end = Math.max(track.end, to + 1)
    return counts
  }

  #place(track: Track, from: number): boolean {
    const { next, rewind, upto, end } = track
    if (rewind !== undefined && from === rewind + 1) {
      track.rewind = undefined
      this.#judge.pass('rewind', `went on from ${from}`)
      return true
    }
    if (next === undefined) {
      const fresh = upto === 0 && end === 1
      this.#judge.always(fresh ? 'lines' : 'kept', from === upto + 1, `line ${upto + 1} first`, `line ${from}`)
      return true
    }
    const rule = rewind === undefined ? 'lines' : 'rewind'
    if (from !== next) this.#judge.fail(rule, `line ${rewind === undefined ? next : rewind + 1}`, `line ${from}`)
    return rewind === undefined
  }

  #texts(track: Track, frame: FrameOf<'log'>): void {
    for (const [at, line] of linesIn(frame).entries()) {
      const known = track.lines[frame.from + at]
      if (known !== undefined && known !== line) this.#judge.fail('kept', `line ${frame.from + at} as before`, line)
      track.lines[frame.from + at] = line
      if (utf8Length(line) > LOGS.lineBytes)
        this.#judge.fail('pieces', `lines of at most ${LOGS.lineBytes} bytes`, `${utf8Length(line)} bytes`)
    }
  }
}
