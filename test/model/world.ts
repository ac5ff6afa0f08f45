import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scheduler } from 'fast-check'
import type { Log, Role } from '../../src/protocol/index.ts'
import type { Credential } from '../../src/server/store/store.ts'
import { DialError, type SocketPort } from '../../src/socket/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { Crew } from './crew.ts'
import { Desk } from './desk.ts'
import { ModelServer } from './server.ts'
import { Tap } from './tap.ts'
import { Turns } from './turns.ts'
import { Watch } from './watch.ts'
import { Wire } from './wire.ts'

/** Time passes in pieces, so that what is said in one is heard in the next. */
const SLICE_MS = 5_000
const AGENTS = 2
/** In memory, if the machine has such a folder: no power fails here, and an fsync would take most of the time. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A server over a file, agents and an operator, and between them connections and a disk that the test has in its hands. */
export class World {
  readonly clock = new FakeClock()
  readonly turns: Turns
  readonly faults: string[] = []
  readonly crew: Crew
  readonly desk: Desk
  /** Every connection there was, with its rules. */
  readonly wires: { who: string; wire: Wire; tap: Tap }[] = []
  readonly #folder: string
  readonly #watch: Watch
  readonly #credentials = new Map<Role, Credential>()
  /** Agents that reach nobody, by their names. */
  readonly #isolated = new Set<string>()
  #server: ModelServer | undefined
  #starting: Promise<void> = Promise.resolve()

  static async open(scheduler: Scheduler): Promise<World> {
    const world = new World(await mkdtemp(join(PLACE, 'drumline-model-')), scheduler)
    world.start()
    for (let agent = 0; agent < AGENTS; agent++) world.crew.hire()
    return world
  }

  private constructor(folder: string, scheduler: Scheduler) {
    this.#folder = folder
    this.turns = new Turns(scheduler)
    const { clock } = this
    const fault = (what: string) => void this.faults.push(what)
    const log = this.#logOf('an agent', /a fault/)
    this.crew = new Crew({ clock, log, fault, dial: (name) => this.#dial('agent', name) })
    this.desk = new Desk(clock, () => this.#dial('operator', 'operator'), fault)
    this.#watch = new Watch(this.crew, this.desk, fault)
  }

  get server(): ModelServer | undefined {
    return this.#server
  }

  /** Connections that stand. */
  get open(): Wire[] {
    return this.wires.map(({ wire }) => wire).filter(({ open }) => open)
  }

  /** Starts a server, unless there is one; it is open once its store has answered. */
  start(): void {
    if (this.#server !== undefined) return
    const { clock, turns } = this
    const server = new ModelServer({
      file: join(this.#folder, 'db'),
      clock,
      turns,
      log: this.#logOf('the server', /./),
    })
    this.#server = server
    this.#starting = this.#begin(server)
    this.#starting.catch((error: unknown) => this.faults.push(`the server did not start: ${error}`))
  }

  crash(): void {
    this.#server?.kill()
    this.#server = undefined
  }

  /** Time passes while messages and the disk move on. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SLICE_MS) {
      await this.clock.advance(Math.min(left, SLICE_MS))
      await this.turns.giveAll()
      this.look()
    }
  }

  look(): void {
    if (this.#server !== undefined) this.#watch.look(this.#server.disk.db)
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'))
  }

  /** Whatever this agent says and is told stands still, and it finds nobody whom to dial. */
  isolate(name: string): void {
    this.#isolated.add(name)
    for (const { who, wire } of this.wires) if (who === name) wire.hold(true)
  }

  /** Nothing stands still any more, nothing more will go wrong, and whoever is needed is there. */
  heal(): void {
    this.#isolated.clear()
    for (const { wire } of this.wires) wire.heal()
    this.start()
  }

  async remove(): Promise<void> {
    this.crash()
    await rm(this.#folder, { recursive: true })
  }

  async #begin(server: ModelServer): Promise<void> {
    const { store } = server.core
    for (const role of ['agent', 'operator'] as const) {
      const ask = { role, name: role, labels: {} }
      const known = await store.findCredential(role)
      this.#credentials.set(role, known ?? (await store.createCredential({ ...ask, tokenHash: role })))
    }
    await server.start()
  }

  #dial(role: Role, who: string): SocketPort {
    const credential = this.#credentials.get(role)
    const isDown = !this.#server?.isOpen || this.#isolated.has(who)
    if (isDown || credential === undefined) throw new DialError('the server is down')
    const tap = new Tap((what) => this.faults.push(what))
    const wire = new Wire(this.turns, tap)
    this.wires.push({ who, wire, tap })
    this.#server?.accept(wire, credential)
    return wire.client
  }

  /** Nobody may meet a fault that nobody foresaw. */
  #logOf(who: string, faults: RegExp): Log {
    const error = (fields: object, text: string) => {
      if (faults.test(text)) this.faults.push(`${who}: ${text} ${JSON.stringify(fields)}`)
    }
    return { info: () => {}, warn: () => {}, error }
  }
}
