import type { Client } from '../../src/client/node.ts'
import type { WorkflowStateName } from '../../src/protocol/index.ts'
import { checkExecutions } from './checks/executions.ts'
import { checkLines } from './checks/lines.ts'
import { checkOrder } from './checks/order.ts'
import { checkOutcome, ENDED } from './checks/outcome.ts'
import { checkOverlap } from './checks/overlap.ts'
import { checkRest } from './checks/rest.ts'
import type { Sightings } from './checks/sightings.ts'
import type { AttemptLog, Case, Subject, Violation } from './evidence.ts'
import { restOf } from './rest.ts'
import { readRecords, type StepRecord } from './step-script.ts'
import type { World } from './world.ts'

/** What came out. */
export interface Verdict {
  violations: Violation[]
  outcomes: Map<string, number>
  attempts: number
  lines: number
}

interface Court {
  world: World
  client: Client
  subjects: readonly Subject[]
  sightings: Sightings
}

/** Compares all that the server tells with what the steps wrote down. The world is at rest. */
export async function judge(court: Court): Promise<Verdict> {
  const { world, client, subjects, sightings } = court
  const verdict: Verdict = { violations: [], outcomes: new Map(), attempts: 0, lines: 0 }
  const { lanes, byName, rubbish } = recordsOf(world)
  for (const lane of lanes) verdict.violations.push(...checkOverlap(lane))
  const states = new Map<string, WorkflowStateName | undefined>()
  for (const subject of subjects) {
    const one = await caseOf(client, subject, byName.get(subject.plan.name) ?? [])
    states.set(subject.plan.name, one.found?.state)
    sightings.compareLog(subject.plan.name, one.logs)
    if (one.found !== null) sightings.see(one.found)
    verdict.violations.push(...checkOutcome(one, states), ...checkExecutions(one), ...checkLines(one))
    verdict.violations.push(...checkOrder(one, byName))
    tally(verdict, one)
  }
  const known = new Set(subjects.map(({ plan }) => plan.name))
  for (const name of byName.keys())
    if (!known.has(name)) verdict.violations.push({ rule: 'unknown to the server', workflow: name, evidence: 'it ran' })
  verdict.violations.push(...sightings.violations, ...checkRest({ ...(await restOf(world, client)), rubbish }))
  return verdict
}

function tally(verdict: Verdict, { found, logs }: Case): void {
  const state = found?.state ?? 'missing'
  verdict.outcomes.set(state, (verdict.outcomes.get(state) ?? 0) + 1)
  verdict.attempts += found?.attempt ?? 0
  for (const { parts } of logs)
    for (const part of parts) if (part.kind === 'lines') verdict.lines += part.to - part.from + 1
}

function recordsOf(world: World) {
  const byName = new Map<string, StepRecord[]>()
  const lanes: StepRecord[][] = []
  const rubbish: string[] = []
  for (const text of world.recordFiles()) {
    const read = readRecords(text)
    lanes.push(read.records)
    rubbish.push(...read.rubbish)
    for (const record of read.records) {
      const own = byName.get(record.workflow)
      if (own === undefined) byName.set(record.workflow, [record])
      else own.push(record)
    }
  }
  return { lanes, byName, rubbish }
}

async function caseOf(client: Client, subject: Subject, records: StepRecord[]): Promise<Case> {
  const found = await client.call('get', { id: subject.id }).catch(() => null)
  const logs: AttemptLog[] = []
  for (let attempt = 1; attempt <= (found?.attempt ?? 0); attempt++) logs.push(await logOf(client, subject.id, attempt))
  return { ...subject, found, logs, records }
}

async function logOf(client: Client, id: string, attempt: number): Promise<AttemptLog> {
  const log: AttemptLog = { number: attempt, state: 'open', parts: [] }
  for (let after: string | undefined; ; ) {
    const page = await client.call('logs', { id, attempt, ...(after !== undefined && { after }) })
    log.parts.push(...page.parts)
    log.state = page.state
    if (!page.more || page.next === null) return log
    after = page.next
  }
}

/** Whether a subject needs no more waiting for. */
export async function isSettled(client: Client, { id }: Subject): Promise<boolean> {
  const found = await client.call('get', { id }).catch(() => undefined)
  if (found === undefined) return true
  if (!ENDED.includes(found.state)) return false
  for (let attempt = 1; attempt <= found.attempt; attempt++) {
    const { state } = await client.call('logs', { id, attempt })
    if (state === 'open') return false
  }
  return true
}
