import { expect } from 'vitest'
import { ENDED } from '../../src/client/index.ts'
import type { WorkflowStateName } from '../../src/protocol/index.ts'
import type { World } from './world.ts'

const STEP_MS = 20_000
/** An attempt whose last lines never come is given up after an hour. */
const STEPS = 400

interface Row {
  name: string
  state: WorkflowStateName
  /** Of its latest attempt, if one was accepted. */
  lease: string | null
  logs: 'open' | 'complete' | 'incomplete' | null
  lines: number
}

/** All mishaps are over, all work is done: everything ends as it was promised, and nothing is left of it. */
export async function comeToRest(world: World): Promise<void> {
  world.heal()
  await world.turns.giveAll()
  for (let step = 0; !isAtRest(world); step++) {
    if (step === STEPS) throw new Error(`no rest; ${world.desk.waiting} calls wait; ${JSON.stringify(rowsOf(world))}`)
    for (const work of world.crew.active) work.end()
    await world.pass(STEP_MS)
  }
  expect(rowsOf(world).length).toBe(world.desk.subjects.length)
  for (const row of rowsOf(world)) judge(world, row)
  for (const { wire, tap } of world.wires) if (wire.open) expect(tap.unanswered.filter(isWork)).toEqual([])
  await leave(world)
}

function isAtRest(world: World): boolean {
  if (world.desk.waiting > 0 || world.crew.active.length > 0 || !world.server?.isOpen) return false
  return rowsOf(world).every(({ state, logs }) => ENDED.has(state) && logs !== 'open')
}

/** What an agent that never died has finished is there with every line. */
function judge({ crew }: World, { name, state, lease, logs, lines }: Row): void {
  if (state !== 'success') return
  const work = crew.works.find(({ job }) => job.offer.lease === lease)
  expect({ name, logs, lines }).toEqual({ name, logs: 'complete', lines: work?.lines })
}

/** An open `next` waits for work. */
function isWork(method: string): boolean {
  return method !== 'next'
}

async function leave(world: World): Promise<void> {
  const { crew, desk, server, clock } = world
  await until(world, crew.leave())
  desk.close()
  await world.turns.giveAll()
  if (server === undefined) throw new Error('there is no server')
  expect(server.core.connections.size).toBe(0)
  expect(server.core.logMemory.used).toBe(0)
  expect(server.core.pump.behind).toBe(0)
  await until(world, server.end())
  expect(clock.pending).toBe(0)
}

async function until(world: World, promise: Promise<void>): Promise<void> {
  let over = false
  const settled = promise.finally(() => {
    over = true
  })
  for (let step = 0; !over && step < STEPS; step++) {
    await world.turns.giveAll()
    if (!over) await world.clock.advance(1000)
  }
  await settled
}

function rowsOf({ server }: World): Row[] {
  return server === undefined ? [] : server.disk.db.all<Row>(LATEST)
}

const LATEST = `
SELECT w.name, w.state, a.lease, a.logs, (SELECT coalesce(sum(upto), 0) FROM step s WHERE s.lease = a.lease) AS lines
FROM workflow w LEFT JOIN attempt a ON a.lease = w.last_lease AND a.accepted IS NOT NULL`
