import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sharedStage } from '../support/shared-stage.ts'

const yaml = `
name: shapes
labels:
  pool: json
steps:
  - name: first
    commands: echo one
  - name: second
    commands: echo two
`

const time = expect.any(Number)
const isRecent = (value: number) => Number.isInteger(value) && Math.abs(Date.now() - value) < 300_000

describe('what scripts may rely on', { timeout: 90_000 }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve()
    await it.agent({ name: 'worker', labels: { pool: 'json' }, capacity: 2 })
  })
  const finished = async () => {
    const id = await stage().submit(yaml)
    await stage().watch.ended(id)
    return id
  }

  test('submit --json names the workflows', async () => {
    const file = stage().write('shapes.yaml', yaml)
    const answer = await stage().json('submit', file, file)
    const one = { id: expect.any(String), name: 'shapes' }
    expect(answer).toEqual({ workflows: [one, one] })
  })

  test('show --json tells a workflow with its steps', async () => {
    const id = await finished()
    const step = { id: expect.any(String), state: 'success', exitCode: 0, started: time, finished: time }
    const show = await stage().json('show', id)
    expect(show).toMatchObject({
      id,
      name: 'shapes',
      state: 'success',
      attempt: 1,
      agent: 'worker',
      labels: { pool: 'json' },
      created: time,
      started: time,
      finished: time,
      error: null,
      logs: 'complete',
      steps: [
        { ...step, name: 'first', lines: expect.any(Number) },
        { ...step, name: 'second', lines: expect.any(Number) },
      ],
    })
    const { created, finished: end } = show as { created: number; finished: number }
    expect([created, end].every(isRecent)).toBe(true)
  })

  test('show --json of a workflow that waits has no times, no agent and attempt 0', async () => {
    const id = await stage().submit(yaml.replace('pool: json', 'pool: none'))
    const none = { exitCode: null, started: null, finished: null, lines: 0, state: 'pending' }
    expect(await stage().json('show', id)).toMatchObject({
      state: 'pending',
      attempt: 0,
      agent: null,
      started: null,
      finished: null,
      error: null,
      logs: 'open',
      steps: [none, none],
    })
    await stage().run(['cancel', id])
  })

  test('list --json gives the newest first, without steps, as many as asked', async () => {
    const older = await finished()
    const newer = await finished()
    const { workflows } = (await stage().json('list', '--limit', '2')) as { workflows: { id: string }[] }
    expect(workflows.map(({ id }) => id)).toEqual([newer, older])
    expect(workflows[0]).toMatchObject({ name: 'shapes', state: 'success', attempt: 1, logs: 'complete' })
    expect(workflows[0]).not.toHaveProperty('steps')
    expect(await stage().json('list', '--state', 'failure')).toEqual({ workflows: [] })
    const labelled = (await stage().json('list', '--label', 'pool=json', '--limit', '1')) as { workflows: unknown[] }
    expect(labelled.workflows).toHaveLength(1)
    expect(await stage().json('list', '--label', 'pool=elsewhere')).toEqual({ workflows: [] })
  })

  test('agents --json tells labels, capacity and what runs', async () => {
    expect(await stage().json('agents')).toMatchObject({
      agents: [
        {
          id: expect.any(String),
          name: 'worker',
          state: 'online',
          labels: {
            pool: 'json',
            platform: expect.stringMatching(/^linux\/(amd64|arm64)$/),
            hostname: expect.any(String),
          },
          capacity: 2,
          running: 0,
        },
      ],
    })
  })

  test('token create --json gives an id and a token that works for its role alone', async () => {
    const answer = await stage().json('token', 'create', '--role', 'viewer')
    expect(answer).toEqual({ id: expect.any(String), token: expect.any(String) })
    const { token } = answer as { token: string }
    expect((await stage().run(['list'], { DRUMLINE_TOKEN: token })).code).toBe(0)
    const file = stage().write('forbidden.yaml', yaml)
    expect((await stage().run(['submit', file], { DRUMLINE_TOKEN: token })).code).toBe(4)
  })

  test('logs prints the text of the steps and nothing else', async () => {
    const id = await finished()
    expect(await stage().run(['logs', id])).toMatchObject({ code: 0, stdout: 'one\ntwo\n', stderr: '' })
    expect((await stage().run(['logs', id, '--step', 'second'])).stdout).toBe('two\n')
  })

  test('logs --json is one object a line and tells stdout from stderr', async () => {
    const commands = '      - echo to stdout\n      - echo to stderr >&2\n'
    const id = await stage().submit(`name: streams\nsteps:\n  - name: only\n    commands:\n${commands}`)
    await stage().watch.ended(id)
    const { stdout } = await stage().run(['logs', id, '--json'])
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row))
    const row = { step: 'only', line: expect.any(Number), time }
    expect(rows.filter(({ kind }) => kind !== 'command')).toEqual([
      { ...row, kind: 'out', text: 'to stdout' },
      { ...row, kind: 'err', text: 'to stderr' },
    ])
    expect(rows.every((one) => isRecent(one.time))).toBe(true)
  })

  test('an operator on the machine of the server needs neither address nor token beyond the folder', async () => {
    const env = { DRUMLINE_URL: stage().server.url, DRUMLINE_TOKEN: '' }
    expect((await stage().run(['list', '--json'], env)).code).toBe(0)
    expect(statSync(join(stage().data, 'admin-token')).mode & 0o777).toBe(0o600)
  })
})
