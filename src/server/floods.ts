import { FLOOD, type FrameType, type Meter } from '../protocol/index.ts'
import type { SocketPort } from '../socket/index.ts'
import { FLOOD_KINDS, type FloodKind } from './bounds.ts'
import type { Core } from './core.ts'

/** The longest that it is left unread at a time, well below what liveness takes for death. */
const REST_MS = 1_000

const KINDS: ReadonlyMap<FrameType, FloodKind> = new Map<FrameType, FloodKind>(
  FLOOD_KINDS.filter((kind) => kind !== 'refused').map((kind) => [kind, kind]),
)

/**
 * Slows one connection that floods: it is left unread until it has earned its next frames. So it costs a share that is
 * known, its own sending comes to a halt by TCP, and a good one that came to this by mistake loses nothing.
 */
export class Floods implements Meter {
  readonly #core: Pick<Core, 'clock' | 'meter' | 'metrics'>
  readonly #port: Pick<SocketPort, 'rest' | 'onPing'>
  #left: number = FLOOD.burst
  #counted: number
  #cancelRest: (() => void) | undefined

  constructor(core: Pick<Core, 'clock' | 'meter' | 'metrics'>, port: Pick<SocketPort, 'rest' | 'onPing'>) {
    this.#core = core
    this.#port = port
    this.#counted = core.clock.monotonic()
    port.onPing?.(() => this.#take('ping'))
  }

  received(type: FrameType): void {
    this.#core.meter.received(type)
    const kind = KINDS.get(type)
    if (kind !== undefined) this.#take(kind)
  }

  sent(type: FrameType): void {
    this.#core.meter.sent(type)
    if (type === 'error') this.#take('refused')
  }

  /** The connection is over. */
  close(): void {
    this.#cancelRest?.()
  }

  #take(kind: FloodKind): void {
    this.#left -= 1
    if (this.#left >= 0 || this.#cancelRest !== undefined) return
    this.#earn()
    if (this.#left >= 0) return
    const { clock, metrics } = this.#core
    metrics.bus.flooded(kind)
    this.#port.rest?.(true)
    const debtMs = (-this.#left / FLOOD.perSecond) * 1000
    this.#cancelRest = clock.after(Math.min(REST_MS, debtMs), () => {
      this.#cancelRest = undefined
      this.#earn()
      this.#port.rest?.(false)
    })
  }

  #earn(): void {
    const now = this.#core.clock.monotonic()
    this.#left = Math.min(FLOOD.burst, this.#left + ((now - this.#counted) / 1000) * FLOOD.perSecond)
    this.#counted = now
  }
}
