import {
  CLOSE,
  ERROR_CODES,
  type ErrorCode,
  FRAMES,
  type FrameType,
  METHODS,
  type Meter,
  type MethodName,
  ROLES,
} from '../../protocol/index.ts'
import { FLOOD_KINDS, type FloodKind, REFUSALS, type RefusalReason } from '../bounds.ts'
import type { Connections } from '../connections.ts'
import type { Instruments } from './instruments.ts'
import type { Count, Tally } from './tally.ts'

const FRAME_TYPES = Object.keys(FRAMES) as FrameType[]
const TO_SERVER = FRAME_TYPES.filter((type) => FRAMES[type].from !== 'server')
const FROM_SERVER = FRAME_TYPES.filter((type) => FRAMES[type].from === 'server' || FRAMES[type].from === 'both')
/** Codes that a peer may have made up are told as `other`. */
const CODES: readonly string[] = [...Object.values(CLOSE), 1005, 1006].map(String)
const OTHER = 'other'

/** Connections and what passes over them. */
export class BusMetrics implements Meter {
  readonly #frames: { in: Tally<FrameType>; out: Tally<FrameType> }
  readonly #hellos: Tally<'welcomed' | 'refused'>
  readonly #reconnects: Count
  readonly #closed: Tally<string>
  readonly #refused: Tally<RefusalReason>
  readonly #floods: Tally<FloodKind>
  readonly #calls: Tally<MethodName>
  readonly #errors: Tally<ErrorCode>

  constructor(make: Instruments, connections: Connections) {
    traffic(make, connections)
    this.#hellos = make.counters(
      'drumline_hellos_total',
      'Handshakes on the bus, by answer. Refused are those closed in place of a welcome.',
      'answer',
      ['welcomed', 'refused'],
    )
    this.#reconnects = make.counter(
      'drumline_reconnects_total',
      'Handshakes that were welcomed and were not the first of their process: its connection had been lost.',
    )
    this.#closed = make.counters(
      'drumline_connections_closed_total',
      'Connections that ended, by close code; docs/protocol.md says what each means.',
      'code',
      [...CODES, OTHER],
    )
    this.#refused = make.counters(
      'drumline_refusals_total',
      'Upgrades and requests that were turned away at the door, by reason; docs/operations.md says what each means.',
      'reason',
      REFUSALS,
    )
    this.#floods = make.counters(
      'drumline_floods_total',
      'Times a connection was left unread for a moment, having sent too much of what costs a sender nothing, by what it sent last: refused is a request answered with an error.',
      'kind',
      FLOOD_KINDS,
    )
    this.#calls = make.counters(
      'drumline_calls_total',
      'Calls of a method that were begun, over the bus or by HTTP.',
      'method',
      Object.keys(METHODS) as MethodName[],
    )
    this.#errors = make.counters(
      'drumline_call_errors_total',
      'Calls that were begun and answered with an error, by its code.',
      'code',
      ERROR_CODES,
    )
    this.#frames = {
      in: make.counters('drumline_frames_received_total', 'Frames received on the bus, by type.', 'type', TO_SERVER),
      out: make.counters('drumline_frames_sent_total', 'Frames sent on the bus, by type.', 'type', FROM_SERVER),
    }
  }

  received(type: FrameType): void {
    this.#frames.in.add(type)
  }

  sent(type: FrameType): void {
    this.#frames.out.add(type)
  }

  /** A hello was welcomed; `dial` is which one of its process. */
  welcomed(dial: number): void {
    this.#hellos.add('welcomed')
    if (dial > 1) this.#reconnects.add()
  }

  /** A hello was refused. */
  unwelcome(): void {
    this.#hellos.add('refused')
  }

  left(code: number): void {
    this.#closed.add(known(CODES, code))
  }

  refused(reason: RefusalReason): void {
    this.#refused.add(reason)
  }

  flooded(kind: FloodKind): void {
    this.#floods.add(kind)
  }

  called(method: MethodName): void {
    this.#calls.add(method)
  }

  failed(code: ErrorCode): void {
    this.#errors.add(code)
  }
}

function traffic(make: Instruments, connections: Connections): void {
  make.gauges('drumline_connections', 'Open connections of the bus, by role of their credential.', 'role', () => {
    const counts = Object.fromEntries(ROLES.map((role) => [role, 0]))
    for (const { bus } of connections.all()) if (bus !== undefined) counts[bus.role] = (counts[bus.role] ?? 0) + 1
    return counts
  })
  make.counted(
    'drumline_received_bytes_total',
    'Bytes received on the sockets of the bus, framing included.',
    () => connections.traffic().received,
  )
  make.counted(
    'drumline_sent_bytes_total',
    'Bytes sent on the sockets of the bus, framing included.',
    () => connections.traffic().sent,
  )
  make.gauges(
    'drumline_unsent_bytes',
    'Bytes that wait in this process to leave on the sockets of the bus: of all of them together, and of the one with most.',
    'of',
    () => {
      const unsent = connections.all().map(({ bus }) => bus?.unsent() ?? 0)
      return { all: unsent.reduce((sum, each) => sum + each, 0), most: Math.max(0, ...unsent) }
    },
  )
}

function known(all: readonly string[], value: number): string {
  const text = String(value)
  return all.includes(text) ? text : OTHER
}
