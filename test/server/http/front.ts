import { onTestFinished } from 'vitest'
import { type Role, silentLog } from '../../../src/protocol/index.ts'
import { Door } from '../../../src/server/http/door.ts'
import { entranceOf } from '../../../src/server/http/entrance.ts'
import { Gate } from '../../../src/server/http/gate.ts'
import { listen } from '../../../src/server/http/listen.ts'
import { type RoomLimits, roomLimits } from '../../../src/server/http/room.ts'
import { Session } from '../../../src/server/session.ts'
import type { Store } from '../../../src/server/store/store.ts'
import { tokenHash } from '../../../src/server/tokens.ts'
import { type House, openHouse } from '../support/house.ts'
import { Asker } from './asker.ts'

/** A house with a port: HTTP over a clock that the test moves. */
export interface Front {
  readonly house: House
  readonly url: string
  readonly port: number
  /** Set to keep everybody out. */
  closed: string | undefined
  /** Ends it as the server does. */
  close(): Promise<void>
  as(role: Role): Promise<Asker>
}

interface FrontOptions {
  wrap?: ((store: Store) => Store) | undefined
  limits?: Partial<RoomLimits> | undefined
  origins?: readonly string[]
  trustProxy?: readonly string[]
}

export async function openFront({ wrap, limits, origins, trustProxy }: FrontOptions = {}): Promise<Front> {
  const house = await openHouse(wrap)
  const { core, clock } = house
  const gate = new Gate({ store: house.store, refusals: core.refusals, clock, closed: () => refusal(front.closed) })
  const enter: ConstructorParameters<typeof Door>[0]['enter'] = (socket, caller, greets) =>
    void new Session(core, socket, caller, greets)
  const entrance = entranceOf({ port: 0, data: '', trustProxy: trustProxy ?? [], origins: origins ?? [] })
  const { pages, trusted } = entrance
  const room = { ...roomLimits({}), ...limits }
  const door = new Door({ gate, pages, trusted, clock, metrics: core.metrics, log: silentLog, limits: room, enter })
  const health = { notReady: async () => front.closed }
  const { port, close } = await listen({ ...entrance, core, gate, door, health })
  const url = `http://127.0.0.1:${port}`
  let ended: Promise<void> | undefined
  const front: Front = {
    house,
    url,
    port,
    closed: undefined,
    close: () => {
      for (const connection of core.connections.all()) connection.dismiss(1001, 'the server is going')
      ended ??= close()
      return ended
    },
    as: async (role) => {
      const token = `token-of-${role}`
      const hash = tokenHash(token)
      if ((await house.store.findCredential(hash)) === null) {
        await house.store.createCredential({ role, name: role, labels: {}, tokenHash: hash })
      }
      return new Asker(url, token)
    },
  }
  onTestFinished(() => front.close())
  return front
}

const refusal = (message: string | undefined) => (message === undefined ? undefined : { message })

export const YAML = 'name: build\nlabels:\n  pool: linux\nsteps:\n  - name: one\n    commands: make\n'

export const many = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
