import { describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import type { Finding } from '../../src/doctor/index.ts'
import { sharedWard } from '../doctor/ward.ts'
import { FakeWorld } from './fake-world.ts'

const ward = sharedWard()

interface Told {
  code: number
  out: string
  err: string
}

async function doctor(args: readonly string[], env: Record<string, string> = {}): Promise<Told> {
  const world = new FakeWorld(['doctor', ...args], { env: { LANG: 'C.UTF-8', ...env } })
  const code = await runProgram(world)
  return { code, out: world.stdout.text, err: world.stderr.text }
}

describe('drumline doctor', () => {
  test('has a line for each check and says in the end that nothing stands in the way', async () => {
    const { code, out, err } = await doctor([ward().url, '--idle', '0s'], { DRUMLINE_TOKEN: ward().token })
    expect(code).toBe(0)
    const marks = out.trim().split('\n').slice(0, -2)
    expect(marks).toHaveLength(14)
    expect(marks.every((line) => /^[✓–] [a-z]+ /.test(line))).toBe(true)
    expect(out).toMatch(/\n\nnothing stands in the way\n$/)
    expect(err).toBe('')
  })

  test('marks what fails, says what would mend it and what was not tried, and exits with 4', async () => {
    const { code, out } = await doctor(['--url', `${ward().url}/ci`], { DRUMLINE_TOKEN: ward().token })
    expect(code).toBe(4)
    expect(out).toMatch(/^✗ server .*not to the path \/ci\/bus/m)
    expect(out).toMatch(/^ +→ have the proxy take \/ci off/m)
    expect(out).toMatch(/^not tried \(server failed\): upgrade, .*, idle$/m)
    expect(out).toMatch(/\n\nfailed: server\n$/)
  })

  test('goes as far as the door without a credential', async () => {
    const { code, out } = await doctor([ward().url, '--data', ward().folder])
    expect(code).toBe(0)
    expect(out).toMatch(/^– credential .*DRUMLINE_TOKEN/m)
    expect(out).toMatch(/\n\nnothing stands in the way as far as the door\n$/)
  })

  test('has the same for scripts', async () => {
    const { code, out } = await doctor([ward().url, '--idle', '0s', '--json'], { DRUMLINE_TOKEN: 'drl_nonsense' })
    expect(code).toBe(4)
    const told = JSON.parse(out) as { url: string; ok: boolean; checks: Finding[] }
    expect(told).toMatchObject({ url: `${ward().url.replace('http', 'ws')}/bus`, ok: false })
    expect(told.checks).toHaveLength(14)
    expect(told.checks.find(({ check }) => check === 'credential')).toEqual({
      check: 'credential',
      status: 'failed',
      code: 'credential_unknown',
      found: expect.any(String),
      mend: expect.any(String),
      ms: expect.any(Number),
    })
  })

  test.each([[['ftp://ci.example.com']], [['http://me:secret@ci.example.com']], [['http://ci', '--idle', 'soon']]])(
    'refuses %j as wrong usage',
    async (args) => {
      const { code, out, err } = await doctor(args)
      expect(code).toBe(2)
      expect(out).toBe('')
      expect(err).not.toContain('secret')
    },
  )
})
