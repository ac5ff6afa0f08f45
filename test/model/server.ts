import type { Clock, Log } from '../../src/protocol/index.ts'
import { assemble, tellSwept } from '../../src/server/assemble.ts'
import type { Core } from '../../src/server/core.ts'
import { AdminToken } from '../../src/server/files/admin-token.ts'
import { Session } from '../../src/server/session.ts'
import { Front, storeOver } from '../../src/server/store/sqlite/front.ts'
import type { Credential } from '../../src/server/store/store.ts'
import { Sweeper } from '../../src/server/sweeper.ts'
import { timingsOf } from '../../src/server/timings.ts'
import type { SocketPort } from '../../src/socket/index.ts'
import { Disk } from './disk.ts'
import { MortalClock } from './mortal-clock.ts'
import type { Turns } from './turns.ts'
import type { Wire } from './wire.ts'

/** A sweep every two seconds does what one every second would, and costs a long life half as much. */
const SWEEP_MS = 2_000

export interface ServerParts {
  file: string
  clock: Clock
  log: Log
  turns: Turns
}

/** One server process without a port, over a file that outlives it. */
export class ModelServer {
  readonly disk: Disk
  readonly #clock: MortalClock
  readonly #core: Core
  readonly #sweeper: Sweeper
  readonly #wires = new Set<Wire>()
  #open = false
  #dead = false

  constructor({ file, clock, log, turns }: ServerParts) {
    this.disk = new Disk(file, turns)
    this.#clock = new MortalClock(clock)
    const mortal = this.#clock
    const store = storeOver(new Front(this.disk, mortal, () => {}))
    const timings = timingsOf(300_000, false)
    const whileAlive =
      (say: Log['error']): Log['error'] =>
      (fields, text) =>
        this.#dead || say(fields, text)
    const own = { info: log.info, warn: whileAlive(log.warn), error: whileAlive(log.error) }
    this.#core = assemble({ store, clock: mortal, log: own, timings, adminToken: new AdminToken(''), drain: () => {} })
    const swept = (answer: Parameters<typeof tellSwept>[1]) => tellSwept(this.#core, answer)
    this.#sweeper = new Sweeper({ store, clock: mortal, log: own, everyMs: SWEEP_MS, swept, failed: () => {} })
  }

  get core(): Core {
    return this.#core
  }

  /** It takes connections. */
  get isOpen(): boolean {
    return this.#open && !this.#dead
  }

  async start(): Promise<void> {
    await this.#sweeper.start()
    await this.#core.dispatcher.start()
    this.#open = true
  }

  accept(wire: Wire, credential: Credential): void {
    this.#wires.add(wire)
    const port: SocketPort = wire.server
    new Session(this.#core, port, { credential, login: null, address: '' })
  }

  /** As SIGKILL: nothing of it does anything any more, and everybody's socket breaks. */
  kill(): void {
    this.#dead = true
    this.#clock.kill()
    this.disk.kill()
    for (const wire of this.#wires) wire.cut()
  }

  /** As it ends by itself; what it leaves has to be nothing. */
  async end(): Promise<void> {
    const { dispatcher, intents, connections, pump, feed, owed, store } = this.#core
    this.#open = false
    dispatcher.stop()
    await this.#sweeper.stop()
    intents.close()
    for (const connection of connections.all()) connection.dismiss(1012, 'the server is going')
    pump.close()
    feed.close()
    await owed.paid()
    await store.close()
  }
}
