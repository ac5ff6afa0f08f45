import fc, { type AsyncCommand } from 'fast-check'
import type { FrameType } from '../../src/protocol/index.ts'
import type { Subject } from './desk.ts'
import type { Side, Wire } from './wire.ts'
import type { World } from './world.ts'

/** What a run says of itself when it fails: its commands. */
type Model = Record<string, never>

/** Frames that may come twice: a request cannot, since its id would be used again. */
const TWICE: readonly FrameType[] = ['log', 'gap', 'receipt', 'stored', 'cancel', 'revoke', 'credit']
const ANSWERS: readonly FrameType[] = ['response']
/** The answers that may be lost on a socket that stays: what they answer is asked again by itself. */
const ASKED_AGAIN = ['init', 'update', 'done']
const AGENTS_MOST = 3

/** One thing that happens; then whatever must hold is looked at. */
class Deed implements AsyncCommand<Model, World> {
  readonly #name: string
  readonly #act: (world: World) => unknown

  constructor(name: string, act: (world: World) => unknown) {
    this.#name = name
    this.#act = act
  }

  check(): boolean {
    return true
  }

  async run(_model: Model, world: World): Promise<void> {
    await this.#act(world)
    await world.turns.give(0)
    world.look()
  }

  toString(): string {
    return this.#name
  }
}

const which = fc.nat({ max: 20 })
const side = fc.constantFrom<Side>('client', 'server')

/** The same choice picks the same one again when a run is repeated. */
function pick<T>(list: readonly T[], choice: number): T | undefined {
  return list[choice % Math.max(1, list.length)]
}

function onWire(name: string, act: (wire: Wire, side: Side) => void): fc.Arbitrary<Deed> {
  return fc.tuple(which, side).map(([choice, at]) => {
    return new Deed(`${name} ${choice} ${at}`, (world) => {
      const wire = pick(world.open, choice)
      if (wire !== undefined) act(wire, at)
    })
  })
}

function onSubject(name: string, act: (world: World, subject: Subject) => void): fc.Arbitrary<Deed> {
  return which.map((choice) => {
    return new Deed(`${name} ${choice}`, (world) => {
      const subject = pick(world.desk.subjects, choice)
      if (subject !== undefined) act(world, subject)
    })
  })
}

const submit = fc.option(which, { freq: 3 }).map((parent) => {
  return new Deed(`submit after ${parent}`, ({ desk }) =>
    desk.submit(parent === null ? undefined : pick(desk.subjects, parent)),
  )
})

const work = fc.tuple(which, fc.nat({ max: 30 }), fc.boolean()).map(([choice, lines, ends]) => {
  return new Deed(`write ${lines} lines in ${choice}${ends ? ' and end it' : ''}`, ({ crew }) => {
    const active = pick(crew.active, choice)
    if (lines > 0) active?.write(lines)
    if (ends) active?.end()
  })
})

const turns = fc.integer({ min: 1, max: 12 }).map((count) => {
  return new Deed(`${count} turns`, (world) => world.turns.give(count))
})

const short = fc.constantFrom(50, 300, 1_000, 6_000, 12_000)
const long = fc.constantFrom(30_000, 90_000, 400_000)
/** Time passes while everything else stands still. */
const stall = short.map((ms) => new Deed(`stall ${ms}`, (world) => world.clock.advance(ms)))
const pass = fc.oneof({ weight: 2, arbitrary: short }, { weight: 1, arbitrary: long }).map((ms) => {
  return new Deed(`pass ${ms}`, (world) => world.pass(ms))
})

const hire = fc.constant(
  new Deed('hire', ({ crew }) => {
    if (crew.size < AGENTS_MOST) crew.hire()
  }),
)
const isolate = which.map((choice) => {
  return new Deed(`isolate ${choice}`, (world) => {
    const name = pick(world.crew.names, choice)
    if (name !== undefined) world.isolate(name)
  })
})
const heal = fc.constant(new Deed('heal', (world) => world.heal()))
const start = fc.constant(new Deed('start', (world) => world.start()))
const crash = fc.constant(new Deed('crash', (world) => world.crash()))
const flow = fc.constant(new Deed('flow', (world) => world.turns.giveAll()))

/** Everything that may happen, as often as it is worth while. */
export const commands: fc.Arbitrary<AsyncCommand<Model, World>>[] = [
  ...times(3, submit),
  ...times(2, hire),
  ...times(4, work),
  ...times(5, turns),
  ...times(3, flow),
  ...times(4, pass),
  stall,
  ...times(3, start),
  crash,
  onSubject('cancel', ({ desk }, subject) => desk.cancel(subject)),
  onSubject('requeue', ({ desk }, subject) => desk.requeue(subject)),
  onWire('cut', (wire) => wire.cut()),
  onWire('lose the next answer with its socket', (wire) => wire.plan({ at: 'client', types: ANSWERS, act: 'cut' })),
  onWire('lose the next answer', (wire) =>
    wire.plan({ at: 'client', types: ANSWERS, methods: ASKED_AGAIN, act: 'drop' }),
  ),
  onWire('repeat a frame at', (wire, at) => wire.plan({ at, types: TWICE, act: 'duplicate' })),
  onWire('hold back from', (wire, at) => wire.hold(true, at)),
  onWire('let go', (wire) => wire.heal()),
  isolate,
  heal,
]

function times<T>(count: number, item: T): T[] {
  return Array<T>(count).fill(item)
}
