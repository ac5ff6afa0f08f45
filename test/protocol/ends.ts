import {
  BusError,
  Channel,
  type ChannelOptions,
  type Frame,
  MESSAGE,
  type PassedFrame,
  type ServedCall,
} from '../../src/protocol/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { type PairPort, pair } from '../support/pair.ts'

/** One end of a joined pair, with what happened to it. */
export interface End {
  readonly channel: Channel
  readonly port: PairPort
  readonly frames: PassedFrame[]
  readonly closes: [code: number, reason: string][]
  readonly faults: unknown[]
}

export interface Ends {
  readonly clock: FakeClock
  readonly client: End
  readonly server: End
}

export type Serve = (call: ServedCall) => Promise<unknown>

/** An agent's and a server's channel over one connection in memory. */
export function joined(serve: Serve, client: Partial<ChannelOptions> = {}, server: Partial<ChannelOptions> = {}): Ends {
  const clock = new FakeClock()
  const [a, b] = pair()
  return {
    clock,
    client: makeEnd(a, clock, { side: 'client', receives: 'server', ...client }),
    server: makeEnd(b, clock, { side: 'server', receives: 'agent', serve, ...server }),
  }
}

type Rest = Partial<ChannelOptions> & Pick<ChannelOptions, 'side' | 'receives'>

function makeEnd(port: PairPort, clock: FakeClock, options: Rest): End {
  const frames: PassedFrame[] = []
  const closes: [number, string][] = []
  const faults: unknown[] = []
  const channel = new Channel({
    maxBytes: MESSAGE.bytes,
    port,
    clock,
    onFrame: (frame) => void frames.push(frame),
    onClose: (code, reason) => void closes.push([code, reason]),
    onFault: (error) => void faults.push(error),
    ...options,
  })
  return { channel, port, frames, closes, faults }
}

/** One bare port that plays the other end by hand. */
export function againstServer(serve: Serve): {
  clock: FakeClock
  server: End
  say: (...frames: object[]) => Promise<void>
  heard: () => Frame[]
} {
  const clock = new FakeClock()
  const [bare, b] = pair()
  bare.onText(() => {})
  bare.onClose(() => {})
  const server = makeEnd(b, clock, { side: 'server', receives: 'agent', serve })
  return {
    clock,
    server,
    async say(...frames) {
      bare.send(frames.length === 1 ? JSON.stringify(frames[0]) : JSON.stringify(frames))
      await settle()
    },
    heard: () => framesOf(b.sent),
  }
}

export function againstClient(options: Partial<ChannelOptions> = {}): {
  clock: FakeClock
  client: End
  say: (...frames: object[]) => Promise<void>
  heard: () => Frame[]
} {
  const clock = new FakeClock()
  const [a, bare] = pair()
  bare.onText(() => {})
  bare.onClose(() => {})
  const client = makeEnd(a, clock, { side: 'client', receives: 'server', ...options })
  return {
    clock,
    client,
    async say(...frames) {
      bare.send(frames.length === 1 ? JSON.stringify(frames[0]) : JSON.stringify(frames))
      await settle()
    },
    heard: () => framesOf(a.sent),
  }
}

/** The frames of messages, in the order they left. */
export function framesOf(messages: readonly string[]): Frame[] {
  return messages.flatMap((text) => {
    const message: unknown = JSON.parse(text)
    return (Array.isArray(message) ? message : [message]) as Frame[]
  })
}

/** How a promise ended: its value, or what is known of its error. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof BusError) return { code: error.code, outcome: error.outcome }
    throw error
  }
}

/** A promise that a test settles when it wants to. */
export class Gate {
  readonly promise: Promise<unknown>
  #open: (value: unknown) => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#open = resolve
      this.#fail = reject
    })
  }

  open(value: unknown = {}): void {
    this.#open(value)
  }

  fail(error: Error): void {
    this.#fail(error)
  }
}
