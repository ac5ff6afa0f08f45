import { expect } from 'vitest'
import type { RoomLimits } from '../../../src/server/http/room.ts'
import type { Store } from '../../../src/server/store/store.ts'
import { type Front, openFront } from '../../server/http/front.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { BareSocket } from './bare-socket.ts'

/** Of the one operator there is. */
export const TOKEN = 'token-of-operator'

/** A server with a port that knows one operator, on a clock that the test moves. */
export async function openDoor(wrap?: (store: Store) => Store, limits?: Partial<RoomLimits>): Promise<Front> {
  const front = await openFront({ wrap, limits })
  await front.as('operator')
  return front
}

/** A good client comes, is let in and answered. */
export async function isWell(front: Front): Promise<void> {
  const good = new BareSocket(front.port)
  await good.enter(TOKEN)
  good.say({ type: 'request', id: 1, method: 'version', params: {} })
  expect(await good.hears('"response"')).toContain('"protocol":1')
  good.socket.destroy()
}

/** Waits until so many connections are open. */
export async function connections(front: Front, count: number): Promise<void> {
  const { connections: open } = front.house.core
  await waitUntil(() => open.size === count, { what: `${count} connections`, limitMs: 60_000 })
}

/** A number that the server counts, by its name and labels as Prometheus reads them. */
export async function counted(front: Front, name: string): Promise<number> {
  const { body } = await front.house.core.metrics.text()
  const line = body.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`nothing is counted as ${name}`)
  return Number(line.slice(name.length))
}
