import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Db, type Value } from '../../../src/server/store/sqlite/db.ts'
import { type Call, Engine } from '../../../src/server/store/sqlite/engine.ts'
import { specOf } from './contract/world.ts'

/** Notes every statement that is run. */
class Listening extends Db {
  readonly heard = new Set<string>()

  override run(sql: string, ...values: Value[]): number {
    this.heard.add(sql)
    return super.run(sql, ...values)
  }

  override get<Row>(sql: string, ...values: Value[]): Row | undefined {
    this.heard.add(sql)
    return super.get<Row>(sql, ...values)
  }

  override all<Row>(sql: string, ...values: Value[]): Row[] {
    this.heard.add(sql)
    return super.all<Row>(sql, ...values)
  }
}

/** These tables hold a month of history: what runs every second, or with every call, must not read all of one. */
const LARGE = ['attempt', 'a', 'workflow', 'w', 'step', 'log', 'spec', 'dependency', 'd', 'mutation', 'gone']
/** What is open is little, and has indexes of its own. */
const OPEN = 'attempt_agent|attempt_deadline|attempt_due'
const SCAN = new RegExp(`^SCAN (${LARGE.join('|')})\\b(?! USING (COVERING )?INDEX (${OPEN})\\b)`)

test('no statement of the work reads through all there ever was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drumline-plans-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const db = new Listening(join(folder, 'test.db'))
  const engine = new Engine({ file: '', leaseMs: 300_000, testTimings: false, keepMs: 86_400_000 }, db)
  // Once at the start it may take its time.
  db.heard.clear()
  live(engine)
  const slow = [...db.heard].filter((sql) => /^\s*(SELECT|UPDATE|DELETE|INSERT)/.test(sql)).flatMap(scansOf)
  expect(slow).toEqual([])
  expect(db.heard.size).toBeGreaterThan(50)
  engine.close()

  function scansOf(sql: string): string[] {
    const plan = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    return plan.flatMap(({ detail }) => (SCAN.test(detail) ? [`${detail}: ${sql}`] : []))
  }
})

/** Something of everything that happens all the time. */
function live(engine: Engine): void {
  let [id, now] = [0, 1_000_000]
  const ask = (op: Call['op'], ...args: unknown[]): unknown => {
    const [answer] = engine.run([{ id: ++id, op, args, now }]).settled
    if (answer === undefined || 'error' in answer) throw new Error(`${op}: ${JSON.stringify(answer)}`)
    return answer.value
  }
  const agent = { name: 'a', version: '1', platform: 'linux/amd64', backend: 'local', capacity: 1, labels: {} }
  const hello = (dial: number, claims: unknown[] = []) =>
    ask('hello', { credentialId: 'c', boot: 'b', dial, replaces: ['x'], claims, agent }) as {
      agentId: string
      connection: number
    }
  const state = { started: 1, finished: 2, error: '', canceled: false }
  const step = { stepId: 's1', state: 'success', started: 1, finished: 2, exitCode: 0, error: '' }
  const submit = (name: string, more: object = {}) =>
    ask('submit', [{ id: name, spec: specOf({ name, secrets: ['S'], ...more }) }], { S: 's' })
  const { agentId, connection } = hello(1)
  const by = { agentId, connection }
  const offer = (name: string) => (ask('offer', name, by) as { lease: string }).lease

  ask('sweep')
  submit('one', { concurrency: { group: 'g', limit: 1 } })
  submit('two', { dependsOn: ['one'], runsOn: ['failure'] })
  const lease = offer('one')
  ask('accept', by, lease, state)
  ask('update', by, lease, 1, step)
  ask('appendLog', by, { lease, stepId: 's1', from: 1, to: 1, lines: { text: 'a\n', runs: [[1, 0, 'out']] } })
  ask('extend', by, [{ lease, phase: 'running' }])
  ask('get', 'one')
  ask('readLogs', { id: 'one', bytes: 1_000 })
  ask('finish', by, lease, state, [{ ...step, lines: 1 }])
  submit('three')
  ask('accept', by, offer('three'), state)
  ask('requestCancel', ['three'], 'no more')
  ask('requeue', 'three')
  submit('four')
  offer('four')
  ask('disconnected', by)
  hello(2)
  ask('getAgent', agentId)
  ask('list', { limit: 50 })
  ask('listAgents', { limit: 50 })
  now += 60_000
  ask('sweep')
  ask('prune')
  now += 2 * 86_400_000
  ask('prune')
}
