import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sharedStage } from '../support/shared-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const one = (name: string, command: string) => `name: ${name}\nsteps:\n  - name: only\n    commands: ${command}\n`

describe('the exit code', { timeout: 90_000 }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve()
    await it.agent({ name: 'worker', capacity: 4, env: { LEAKED: 'leaked-value' } })
  })
  const follow = (name: string, yaml: string) =>
    stage().run(['submit', stage().write(`${name}.yaml`, yaml), '--follow'])

  test('of submit --follow is 0 after success, with the lines on stdout', async () => {
    const { code, stdout } = await follow('good', one('good', 'echo all is well'))
    expect(code).toBe(0)
    expect(stdout).toContain('all is well')
  })

  test('of submit --follow is 1 after a failure, and what follows the failed step is skipped', async () => {
    const yaml = `${one('bad', 'exit 7')}  - name: after\n    commands: echo never\n`
    expect(await follow('bad', yaml)).toMatchObject({ code: 1 })
    const { workflows } = (await stage().json('list', '--limit', '1')) as { workflows: { id: string }[] }
    expect(await stage().json('show', workflows[0]?.id ?? '')).toMatchObject({
      state: 'failure',
      steps: [
        { state: 'failure', exitCode: 7 },
        { state: 'skipped', exitCode: null },
      ],
    })
  })

  test('of submit is 2 for a file with errors, each named with file, line and column', async () => {
    const file = stage().write('wrong.yaml', 'name: wrong\nstepz: 1\nsteps:\n  - name: a\n    comands: echo\n')
    const { code, stderr, stdout } = await stage().run(['submit', file])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/wrong\.yaml:2:1\b/)
    expect(stderr).toMatch(/wrong\.yaml:5:5\b/)
  })

  test.each([
    ['an unknown command', ['sbmit']],
    ['an unknown flag', ['list', '--nonsense']],
    ['a missing argument', ['show']],
    ['a file that is not there', ['submit', 'nowhere.yaml']],
    ['a number that is none', ['list', '--limit', 'many']],
  ])('is 2 for %s', async (_, args) => {
    const { code, stdout, stderr } = await stage().run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toBe('')
  })

  test.each([['show'], ['logs'], ['cancel']])('of %s is 4 for an unknown id', async (command) => {
    const { code, stderr } = await stage().run([command, 'nobody-knows-it'])
    expect(code).toBe(4)
    expect(stderr).toContain('nobody-knows-it')
  })

  test('is 4 with a wrong token, and --json puts the error on stderr', async () => {
    const { code, stdout, stderr } = await stage().run(['list', '--json'], { DRUMLINE_TOKEN: 'drl_wrong' })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
  })

  test('is 4 within 10 s without a server', async () => {
    const { code, stderr } = await stage().run(['list'], { DRUMLINE_URL: 'http://127.0.0.1:9' }, 10_000)
    expect(code).toBe(4)
    expect(stderr).toContain('127.0.0.1:9')
  })

  test('of an agent that Drumline refuses is 4', async () => {
    const agent = stage().start(['agent', '--url', stage().server.url], { DRUMLINE_TOKEN: 'drl_wrong' })
    expect(await agent.finished()).toMatchObject({ code: 4 })
  })

  test('of serve is 2 for a port that is taken', async () => {
    const args = ['serve', '--listen', `127.0.0.1:${stage().server.port}`, '--data', stage().path('second')]
    expect(await stage().run(args)).toMatchObject({ code: 2 })
  })

  test('of submit --follow is 130 after Ctrl-C; the workflow goes on, and it says how to cancel it', async () => {
    const gate = stage().path('gate')
    const yaml = one('long', `until [ -e ${gate} ]; do sleep 0.05; done`)
    const env = { DRUMLINE_URL: stage().server.url, DRUMLINE_TOKEN: stage().adminToken }
    const following = stage().start(['submit', stage().write('long.yaml', yaml), '--follow'], env)
    const running = await waitUntil(() => stage().json('list', '--state', 'running').then(first), { limitMs: 40_000 })
    following.signal('SIGINT')
    expect(await following.finished()).toMatchObject({ code: 130 })
    expect(following.stderr() + following.stdout()).toContain(`cancel ${running}`)
    writeFileSync(gate, '')
    expect(await stage().watch.ended(running)).toMatchObject({ state: 'success' })
  })

  test('logs -f follows until the end', async () => {
    const gate = stage().path('gate-2')
    const id = await stage().submit(
      one('followed', `|\n      echo before\n      until [ -e ${gate} ]; do sleep 0.05; done\n      echo behind`),
    )
    const env = { DRUMLINE_URL: stage().server.url, DRUMLINE_TOKEN: stage().adminToken }
    const following = stage().start(['logs', id, '-f'], env)
    await following.says(/^before\n$/)
    writeFileSync(gate, '')
    expect(await following.finished()).toMatchObject({ code: 0 })
    expect(following.stdout()).toBe('before\nbehind\n')
  })

  test('a step sees neither the token nor what else is in the environment of the agent', async () => {
    const { code, stdout } = await follow('environment', one('environment', 'env'))
    expect(code).toBe(0)
    expect(stdout).toContain('DRUMLINE_WORKFLOW_ID=')
    expect(stdout).toContain('CI=true')
    expect(stdout).not.toContain('DRUMLINE_TOKEN')
    expect(stdout).not.toContain(await stage().agentToken())
    expect(stdout).not.toContain('leaked-value')
  })
})

function first(answer: unknown): string | undefined {
  return (answer as { workflows: { id: string }[] }).workflows[0]?.id
}
