import {
  type FrameOf,
  linesOf,
  newId,
  type Offer,
  type ParamsOf,
  type VerdictWord,
  type WorkflowSpec,
  workflowSpec,
} from '../../protocol/index.ts'

/** What an agent said of one lease, and on which connection. */
export type Said =
  | { readonly kind: 'init'; readonly at: number; readonly visit: number; readonly params: ParamsOf<'init'> }
  | { readonly kind: 'update'; readonly at: number; readonly visit: number; readonly params: ParamsOf<'update'> }
  | { readonly kind: 'done'; readonly at: number; readonly visit: number; readonly params: ParamsOf<'done'> }
  | { readonly kind: 'log'; readonly at: number; readonly visit: number; readonly frame: FrameOf<'log'> }
  | { readonly kind: 'gap'; readonly at: number; readonly visit: number; readonly frame: FrameOf<'gap'> }
  | { readonly kind: 'receipt'; readonly at: number; readonly visit: number; readonly frame: FrameOf<'receipt'> }

type SaidOf<K extends Said['kind']> = Extract<Said, { kind: K }>

/** Where the lines of one step stand. */
export interface Track {
  /** The number of the next line on this connection; undefined: none has come on it yet. */
  next: number | undefined
  /** One more than the last line that was ever seen. */
  end: number
  /** The last line that was acknowledged. */
  upto: number
  /** A rewind to here was sent, and not obeyed yet. */
  rewind: number | undefined
  /** Lines by number, as last seen. */
  readonly lines: string[]
}

/** One workflow that was handed to the agent, and all that it says of it. */
export class Work {
  readonly offer: Offer
  readonly said: Said[] = []
  readonly tracks = new Map<string, Track>()
  /** `init` was answered. */
  accepted = false
  /** The agent has no more to do with it. */
  over = false
  /** Its result was taken; the rest of its lines may still be wanted. */
  done = false

  constructor(spec: Partial<WorkflowSpec> & Pick<WorkflowSpec, 'steps'>, { ttlMs = 60_000 }: { ttlMs?: number } = {}) {
    const workflow = workflowSpec({ name: 'conformance', graceMs: 2_000, ...spec })
    this.offer = { workflowId: newId(), lease: newId(), attempt: 1, ttlMs, offerMs: 30_000, workflow }
  }

  get lease(): string {
    return this.offer.lease
  }

  /** What an `extend` of it is answered. */
  get verdict(): VerdictWord {
    if (this.done) return 'done'
    return this.over ? 'lost' : 'keep'
  }

  of<K extends Said['kind']>(kind: K, from = 0): SaidOf<K>[] {
    return this.said.slice(from).filter((one): one is SaidOf<K> => one.kind === kind)
  }

  /** What was said on this connection. */
  on(visit: number): Said[] {
    return this.said.filter((one) => one.visit === visit)
  }

  /** It surely takes room of the agent's. */
  get holds(): boolean {
    return this.accepted && !this.over && this.of('done').length === 0
  }

  track(stepId: string): Track {
    const known = this.tracks.get(stepId)
    if (known !== undefined) return known
    const track: Track = { next: undefined, end: 1, upto: 0, rewind: undefined, lines: [] }
    this.tracks.set(stepId, track)
    return track
  }

  /** Lines are counted anew from what is acknowledged, on a new connection. */
  reconnected(): void {
    for (const track of this.tracks.values()) {
      track.next = undefined
      track.rewind = undefined
    }
  }
}

/** The lines of a frame. */
export function linesIn(frame: FrameOf<'log'>): string[] {
  return frame.text.split('\n').slice(0, linesOf(frame.runs))
}
