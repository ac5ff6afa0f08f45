import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { Guardian } from '../../../src/agent/guardian/guardian.ts'
import { silentLog, systemClock } from '../../../src/protocol/index.ts'
import { endProcess, groupMembers, guardiansOf } from '../../support/proc.ts'
import { waitUntil } from '../../support/wait-until.ts'

const patient = { limitMs: 60_000 }
const started: ChildProcess[] = []
afterEach(() => {
  for (const { pid } of started.splice(0)) if (pid !== undefined) for (const id of groupMembers(pid)) endProcess(id)
})

/** A shell in a group of its own that is known by its folder, as a step is; resolves once it has begun. */
async function step(folder: string, script: string): Promise<number> {
  const child = spawn('sh', ['-c', `${script}; echo begun; while :; do sleep 0.1; done`], {
    env: { PATH: process.env.PATH ?? '', HOME: `${folder}/home` },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  started.push(child)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return child.pid ?? 0
}

/** A folder's name, which no other test has. */
let folders = 0
const newFolder = () => `/nowhere/drumline-${process.pid}-${++folders}`

async function ended(group: number): Promise<void> {
  await waitUntil(() => groupMembers(group).length === 0, { ...patient, what: `the end of group ${group}` })
}

describe('a guardian whose agent goes', { timeout: 120_000 }, () => {
  test('ends what was watched over, with what has cleared its environment or ignores SIGTERM, and then itself', async () => {
    const guardian = new Guardian(systemClock, silentLog)
    const folder = newFolder()
    guardian.renew('one', 60_000, 500)
    guardian.watch('one', folder)
    const groups = [await step(folder, 'env -i sleep 1000 & :'), await step(folder, "trap '' TERM")]
    guardian.close()
    for (const group of groups) await ended(group)
    await waitUntil(() => guardiansOf(process.pid).length === 0, { ...patient, what: 'its own end' })
  })

  test('leaves alone what is of no lease any more, and what it never heard of', async () => {
    const guardian = new Guardian(systemClock, silentLog)
    const [over, watched] = [newFolder(), newFolder()]
    for (const [lease, folder] of Object.entries({ over, watched })) {
      guardian.renew(lease, 60_000, 500)
      guardian.watch(lease, folder)
    }
    guardian.forget('over')
    const spared = [await step(over, ':'), await step(newFolder(), ':')]
    const group = await step(watched, ':')
    guardian.close()
    await ended(group)
    await waitUntil(() => guardiansOf(process.pid).length === 0, { ...patient, what: 'its own end' })
    for (const id of spared) expect(groupMembers(id)).toContain(id)
  })
})

describe('a guardian whose agent does nothing', { timeout: 120_000 }, () => {
  test('kills what has outlived its lease, and nothing before', async () => {
    const guardian = new Guardian(systemClock, silentLog)
    const [short, long] = [newFolder(), newFolder()]
    guardian.renew('short', 60_000, 500)
    guardian.watch('short', short)
    guardian.renew('long', 600_000, 500)
    guardian.watch('long', long)
    const [first, second] = [await step(short, ':'), await step(long, ':')]
    guardian.renew('short', 100, 500)
    await ended(first)
    expect(groupMembers(second)).toContain(second)
    guardian.close()
    await ended(second)
  })
})
