import type { AgentInfo, Labels } from '../../../protocol/index.ts'
import { force } from '../../forced.ts'
import { EVERYTHING } from '../../scope.ts'
import type { By } from '../store.ts'
import { stale } from './attempt.ts'
import { agentCarrying } from './carrying.ts'
import type { Tx } from './tx.ts'

/** An agent's row. */
export interface AgentRow {
  id: string
  credential_id: string
  name: string
  version: number
  connection: number
  boot: string
  dial: number
  online: number
  schedulable: number
  draining: number
  leaving: number
  labels: string
  capacity: number
  platform: string
  backend: string
  software: string
  connected: number | null
  address: string | null
  round_trip: number | null
  seen: number | null
  durable: number
  conflict: number | null
  keepalive: number | null
}

const COLUMNS = `id, credential_id, name, version, connection, boot, dial, online, schedulable, draining, leaving, labels,
  capacity, platform, backend, software, connected, address, round_trip, seen, durable, conflict, keepalive`

export function agentById(tx: Tx, id: string, scope = EVERYTHING): AgentRow | undefined {
  const { sql, values } = agentCarrying(scope)
  return tx.db.get<AgentRow>(`SELECT ${COLUMNS} FROM agent g WHERE id = ? AND removed IS NULL${sql}`, id, ...values)
}

/** An agent is who its credential and its name say. */
export function agentByIdentity(tx: Tx, credentialId: string, name: string): AgentRow | undefined {
  return tx.db.get<AgentRow>(
    `SELECT ${COLUMNS} FROM agent WHERE credential_id = ? AND name = ? AND removed IS NULL`,
    credentialId,
    name,
  )
}

/** The agent, if its newest connection asks. */
export function agentOf(tx: Tx, by: By): AgentRow {
  const agent = agentById(tx, by.agentId)
  if (agent === undefined || agent.connection !== by.connection) throw stale()
  return agent
}

type Settable = Partial<Omit<AgentRow, 'id' | 'credential_id' | 'name' | 'version'>>

/** Writes what changed of an agent, raises its version, and tells the change. */
export function changeAgent(tx: Tx, id: string, set: Settable): void {
  const version = tx.next()
  const all = set.online === undefined ? set : { ...set, away: set.online === 1 ? null : tx.now }
  const moves = set.online !== undefined || set.labels !== undefined
  const before = moves ? agentLabels(tx, id) : ''
  const columns = Object.keys(all).map((name) => `, ${name} = ?`)
  tx.db.run(`UPDATE agent SET version = ?${columns.join('')} WHERE id = ?`, version, ...Object.values(all), id)
  const relabelled = set.labels !== undefined && set.labels !== before
  tx.changes.push({ kind: 'agent', id, version, ...(relabelled && { was: JSON.parse(before) as Labels }) })
  if (set.online === undefined && !relabelled) return
  tx.memory.counts.touch(before)
  if (relabelled) tx.memory.counts.touch(set.labels ?? before)
}

/** As the database has them; of none once it is not there. */
export function agentLabels(tx: Tx, id: string): string {
  return tx.db.get<{ labels: string }>('SELECT labels FROM agent WHERE id = ?', id)?.labels ?? '{}'
}

/** The number of its attempts, which its view shows, has changed. */
export function touchAgent(tx: Tx, id: string): void {
  changeAgent(tx, id, {})
}

/** What an agent says of itself, with the labels it has by default and those its credential forces. */
export function infoColumns(info: AgentInfo, forced: Labels) {
  const labels = { repo: '*', platform: info.platform, backend: info.backend, ...info.labels }
  return {
    labels: JSON.stringify(force(labels, forced)),
    capacity: info.capacity,
    platform: info.platform,
    backend: info.backend,
    software: info.version,
    durable: info.durable === true ? 1 : 0,
  }
}
