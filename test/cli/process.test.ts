import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Running } from '../support/running.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { ROOT } from '../support/stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const LINES = 'name: many\nsteps:\n  - name: many\n    commands: seq 1 200000\n'
const gated = (gate: string) =>
  `name: gated\nsteps:\n  - name: a\n    commands: until [ -e ${gate} ]; do sleep 0.05; done\n`

describe('a process among others', { timeout: 90_000 }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve()
    await it.agent({ name: 'worker', capacity: 2 })
  })
  const env = () => ({
    DRUMLINE_URL: stage().server.url,
    DRUMLINE_TOKEN: stage().adminToken,
    PATH: process.env.PATH ?? '',
  })
  const shell = async (line: string) => {
    const running = new Running('/bin/bash', ['-c', line], { cwd: stage().folder, env: env() })
    const { code } = await running.finished()
    return { code, stdout: running.stdout(), stderr: running.stderr() }
  }
  const bin = `${process.execPath} ${ROOT}/bin/drumline.js`

  test('logs into head ends quietly, as a program that SIGPIPE ended', async () => {
    const id = await stage().submit(LINES)
    await stage().watch.ended(id)
    const { stdout, stderr } = await shell(`${bin} logs ${id} | head -2; echo "status \${PIPESTATUS[0]}"`)
    expect(stdout).toBe('1\n2\nstatus 141\n')
    expect(stderr).toBe('')
  })

  test('submit reads the standard input', async () => {
    const { code, stdout } = await shell(
      `printf 'steps: {a: {commands: echo from stdin}}' | ${bin} submit - --name piped`,
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[A-Za-z0-9]{20}\n$/)
    expect(await stage().watch.ended(stdout.trim())).toMatchObject({ name: 'piped', state: 'success' })
  })

  test('--env, --label and --grace change what is submitted', async () => {
    const yaml = 'name: x\nlabels: {pool: none}\nsteps:\n  - {name: a, commands: echo $WORD}\n'
    const id = await stage().submit(yaml, '--env', 'WORD=a=b', '--label', 'pool=', '--grace', '1s')
    expect(await stage().watch.ended(id)).toMatchObject({ state: 'success', labels: { pool: '' } })
    expect((await stage().run(['logs', id])).stdout).toBe('a=b\n')
  })

  test('a dependency nobody knows is named at its line and column', async () => {
    const file = stage().write('waits.yaml', 'depends_on: [nobody]\nsteps: {a: {commands: x}}\n')
    const { code, stderr } = await stage().run(['submit', file])
    expect(code).toBe(2)
    expect(stderr).toMatch(/waits\.yaml:1:14: there is no workflow `nobody`/)
  })

  test('cancel --wait returns when the agent has stopped, and unknown ids do not keep it from the others', async () => {
    const id = await stage().submit(gated(stage().path('never')))
    await waitUntil(async () => (await stage().watch.get(id))?.state === 'running', { limitMs: 30_000 })
    const { code, stdout, stderr } = await stage().run(['cancel', 'nobody', id, '--wait', '--json'])
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toEqual({ id, state: 'canceled' })
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'not_found' } })
    expect((await stage().watch.get(id))?.cancel?.stopped).toEqual(expect.any(Date))
  })

  test('queue, explain and requeue do as they say', async () => {
    expect(await stage().json('queue', 'pause')).toEqual({ paused: true })
    const id = await stage().submit('steps:\n  - {name: a, commands: echo again}\n')
    expect(await stage().json('queue', 'info')).toMatchObject({ pending: 1, paused: true, agents: 1 })
    expect(await stage().json('explain', id)).toMatchObject({ reasons: [{ code: 'paused' }] })
    expect(await stage().json('queue', 'resume')).toEqual({ paused: false })
    await stage().watch.ended(id)
    expect(await stage().json('requeue', id)).toMatchObject({ id })
    await waitUntil(async () => (await stage().watch.get(id))?.attempt === 2, { limitMs: 30_000 })
    expect(await stage().watch.ended(id)).toMatchObject({ state: 'success' })
  })

  test('logs says where another attempt begins, and that the one before is not whole', async () => {
    const gate = stage().path('second-attempt')
    const id = await stage().submit(gated(gate).replace('until', 'echo first; until'))
    const follower = new Running('/bin/bash', ['-c', `${bin} logs -f ${id}`], { cwd: stage().folder, env: env() })
    await waitUntil(() => follower.stdout() === 'first\n', { limitMs: 60_000 })
    await stage().json('requeue', id)
    await waitUntil(async () => (await stage().watch.get(id))?.attempt === 2, { limitMs: 60_000 })
    stage().write('second-attempt', '')
    expect(await follower.finished()).toMatchObject({ code: 0 })
    expect(follower.stdout()).toBe('first\nfirst\n')
    expect(follower.stderr()).toBe('drumline: attempt 2, from its first line\n')
    const { stdout, stderr } = await stage().run(['logs', id, '--attempt', '1'])
    expect({ stdout, stderr }).toEqual({
      stdout: 'first\n',
      stderr:
        'drumline: whatever followed line 2 of a is missing: its agent was lost before it said how many lines there are\n',
    })
  })

  test('a revoked credential is refused', async () => {
    const made = (await stage().json('token', 'create', '--role', 'viewer', '--name', 'guest')) as {
      id: string
      token: string
    }
    const { tokens } = (await stage().json('token', 'list')) as { tokens: object[] }
    expect(tokens).toContainEqual(
      expect.objectContaining({ id: made.id, name: 'guest', role: 'viewer', revoked: null }),
    )
    expect(JSON.stringify(tokens)).not.toContain(made.token)
    await stage().run(['token', 'revoke', made.id])
    expect(await stage().run(['list'], { DRUMLINE_TOKEN: made.token })).toMatchObject({ code: 4 })
  })
})

test('an agent finishes its work after one SIGTERM and drops it after two', { timeout: 90_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    const gate = stage.path('gate')
    const first = await stage.agent({ name: 'patient' })
    const kept = await stage.submit(gated(gate))
    await waitUntil(async () => (await stage.watch.get(kept))?.state === 'running', { limitMs: 30_000 })
    first.signal('SIGTERM')
    stage.write('gate', '')
    expect(await first.finished()).toMatchObject({ code: 0 })
    expect(await stage.watch.ended(kept)).toMatchObject({ state: 'success', attempt: 1 })

    const second = await stage.agent({ name: 'hurried' })
    const dropped = await stage.submit(gated(stage.path('never')))
    await waitUntil(async () => (await stage.watch.get(dropped))?.state === 'running', { limitMs: 30_000 })
    second.signal('SIGTERM')
    // Two that come at once are one to a process.
    await waitUntil(() => second.stderr().includes('leaving'), { limitMs: 30_000 })
    expect((await stage.watch.get(dropped))?.state).toBe('running')
    second.signal('SIGTERM')
    expect(await second.finished()).toMatchObject({ code: 1 })
    expect(await stage.watch.ended(dropped)).toMatchObject({ state: 'canceled' })
  }),
)
