import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isolate } from '../../../src/agent/isolation/isolation.ts'
import { identity } from '../../../src/agent/isolation/run-as.ts'
import { readUsers, type StepUser } from '../../../src/agent/isolation/step-user.ts'
import { UserPool } from '../../../src/agent/isolation/user-pool.ts'
import { endUser, processesOfUser } from '../../../src/agent/isolation/user-processes.ts'
import { Running } from '../../support/running.ts'
import { needsRoot } from '../../support/tools.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { Apart } from './apart.ts'

const patient = { limitMs: 60_000 }
/** Numbers that no other test has, on this machine and at this time. */
const BASE = 1_000_000 + process.pid * 8
const user = (n: number): StepUser => ({ name: `u${n}`, uid: BASE + n, gid: BASE + n })
const [first, second, third, fourth] = [user(0), user(1), user(2), user(3)] as const

describe('users for steps', () => {
  test('are given by name, by number and by range', async () => {
    const [nobody, ...others] = await readUsers(['nobody', '210000', '210002-210003'])
    expect(nobody).toMatchObject({ name: 'nobody', uid: 65_534 })
    expect(others.map(({ uid, gid }) => [uid, gid])).toEqual([
      [210_000, 210_000],
      [210_002, 210_002],
      [210_003, 210_003],
    ])
  })

  test.each([
    [['root'], "root has root's rights"],
    [['0'], "0 has root's rights"],
    [['0-3'], "0 has root's rights"],
    [['no-such-user'], 'there is no user "no-such-user" here'],
    [['--help'], 'there is no user "--help" here'],
    [['5-3'], '5-3 is no user and no range of numbers'],
    [['5x'], '5x is no user and no range of numbers'],
    [['4294967295'], '4294967295 is no user and no range of numbers'],
    [['210000-220000'], '210000-220000 is more than 1024 users'],
    [['210000', '210000-210001'], '210000 and 210000 are the same user'],
  ])('are not %s', async (words, why) => {
    await expect(readUsers(words)).rejects.toThrow(why)
  })
})

needsRoot()('the users of an agent', { timeout: 120_000 }, () => {
  const apart = new Apart('run-as')

  test('are fewer than its workflows at a time: it says so and takes none', async () => {
    const wanted = isolate({ capacity: 3, root: apart.root, runAs: [`${BASE}-${BASE + 1}`] })
    await expect(wanted).rejects.toThrow(
      '3 workflows at a time need 3 users that nothing else runs as, and 2 are named',
    )
    await (await UserPool.open([first], 1)).close()
  })

  test('are no other agent’s until it has finished', async () => {
    const pool = await UserPool.open([first], 1)
    await expect(UserPool.open([first], 1)).rejects.toThrow(
      '1 is named, of which 0 can be had: u0 belongs to another agent',
    )
    const other = await UserPool.open([first, second], 1)
    expect(other.users).toEqual([second])
    for (const each of [pool, other]) await each.close()
    await (await UserPool.open([first], 1)).close()
  })

  test('are nobody’s who has something running that is not an agent’s', async () => {
    const stranger = spawn('sleep', ['600'], { ...identity(second), stdio: 'ignore' })
    onTestFinished(() => void stranger.kill())
    await waitUntil(() => processesOfUser(second.uid).length > 0, patient)
    await expect(UserPool.open([second], 1)).rejects.toThrow(`u1 has a process of its own (${stranger.pid})`)
    expect(stranger.exitCode).toBeNull()
  })

  test('are one to a workflow, and free again after it', async () => {
    await apart.open()
    const one = await apart.beside('id -u')
    const two = await apart.beside('id -u')
    expect(one.said[0]).not.toBe(two.said[0])
    for (const { job } of [one, two]) job.stop({ graceMs: 1_000 })
    await Promise.all([one.ended, two.ended])
    expect((await apart.commands('id -u')).text('a', 'out')).toMatch(/^\d+\n$/)
  })

  test('lose all that runs as them, in whatever session, and while it forks', async () => {
    // It ends by itself some day, should nothing else end it.
    const storm = 'i=0; while [ $i -lt 400 ]; do i=$((i + 1)); (setsid sh -c "trap : TERM; sleep 60; :" &); done'
    const start = spawn('sh', ['-c', storm], { ...identity(third), stdio: 'ignore', detached: true })
    await waitUntil(() => processesOfUser(third.uid).length > 50, patient)
    expect(await endUser(third)).toBe(true)
    await waitUntil(() => start.exitCode ?? start.signalCode, patient)
    expect(processesOfUser(third.uid)).toEqual([])
  })

  test('that a killed agent had something running as are free of it for the next', async () => {
    const { uid } = fourth
    const script = join(import.meta.dirname, '..', 'killable.mjs')
    // The one outside has nothing that tells it from others but its user.
    const args = [script, apart.root, 'setsid env -i sleep 600 & pwd; wait', String(uid)]
    const agent = new Running(process.execPath, args, { cwd: '/', env: { PATH: process.env.PATH ?? '' } })
    onTestFinished(() => agent.kill())
    const [folder = ''] = await agent.says(/^\/.*(?=\/workspace$)/m, 60_000)
    await agent.kill()
    expect(processesOfUser(uid).length).toBeGreaterThan(1)
    await apart.open({ capacity: 1, runAs: [String(uid)] })
    expect(processesOfUser(uid)).toEqual([])
    await apart.commands('true')
    expect(existsSync(folder)).toBe(false)
  })
})
