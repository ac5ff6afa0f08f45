import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { startServer } from '../../src/server/index.ts'
import { Authority } from '../support/certificates.ts'
import { needsTool } from '../support/tools.ts'
import { FakeWorld } from './fake-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-network-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const world = new FakeWorld(args, { env })
  const code = await runProgram(world)
  return { code, stdout: world.stdout.text, stderr: world.stderr.text }
}

needsTool('openssl')('a command and TLS', () => {
  const authority = new Authority(folder, 'Private Root')
  const server = authority.sign('server', { hosts: ['localhost'] })
  const client = authority.sign('client')
  const pem = (path: string) => readFileSync(path, 'utf8')
  const base = ['list', '--ca', authority.cert]

  test('a key that belongs to another certificate, or is none, is said in one line', async () => {
    const other = await run([...base, '--client-cert', client.cert, '--client-key', server.key])
    expect(other.code).toBe(2)
    expect(other.stderr).toMatch(/^drumline: --client-key \S+ does not belong to the certificate \S+\n$/)
    const none = await run([...base, '--client-cert', client.cert, '--client-key', client.cert])
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot use --client-key .*no key \(PEM\) in it\n$/),
    })
    const broken = join(folder, 'broken.pem')
    writeFileSync(broken, pem(client.cert).replace(/\n[^-]/, '\n!'))
    const cut = await run(['list', '--ca', broken])
    expect(cut).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no certificate \(PEM\) in it, or a broken one\n$/),
    })
  })

  test('what has to be mended is said at once, in one line, with exit code 4; a danger is named each time', async () => {
    const tls = { cert: pem(server.cert), key: pem(server.key), clientCa: authority.pem }
    const there = await startServer({ port: 0, data: join(folder, 'data'), tls })
    const env = {
      DRUMLINE_URL: there.url.replace('127.0.0.1', 'localhost'),
      DRUMLINE_TOKEN: pem(there.adminTokenFile).trim(),
      DRUMLINE_CLIENT_CERT: client.cert,
      DRUMLINE_CLIENT_KEY: client.key,
    }
    try {
      const unknown = await run(['list'], env)
      expect(unknown.code).toBe(4)
      expect(unknown.stderr).toMatch(/^drumline: cannot reach wss:.* comes from "Private Root", .*--ca FILE.*\n$/)
      expect(await run(['list'], { ...env, DRUMLINE_CA: authority.cert })).toMatchObject({ code: 0, stderr: '' })
      const danger = await run(['list', '--danger-skip-tls-verification'], env)
      expect(danger).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^drumline: warning: the server is not verified/),
      })
    } finally {
      await there.close()
    }
  })
})
