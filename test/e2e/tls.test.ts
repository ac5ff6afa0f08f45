import { copyFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { Authority, type Certificate } from '../support/certificates.ts'
import { onStage } from '../support/on-stage.ts'
import { RawEnd } from '../support/raw-end.ts'
import type { Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'

const HOSTS = { hosts: ['localhost'] }

/** Whom the server says it is, to somebody who comes now. */
function subjectAt(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** Starts `serve` over TLS with files that a test puts others in place of. */
async function serveTls(stage: Stage, { cert, key }: Certificate) {
  const files = { cert: stage.path('cert.pem'), key: stage.path('key.pem') }
  const install = (one: Partial<Certificate>) => {
    if (one.cert !== undefined) copyFileSync(one.cert, files.cert)
    if (one.key !== undefined) copyFileSync(one.key, files.key)
  }
  install({ cert, key })
  const flags = ['--listen', '127.0.0.1:0', '--data', stage.data, '--tls-cert', files.cert, '--tls-key', files.key]
  const server = stage.start(['serve', ...flags])
  const [, port = ''] = await server.says(/^listening on https:\/\/127\.0\.0\.1:(\d+)\n/, 60_000)
  return { server, port: Number(port), install }
}

needsTool('openssl')('a server over TLS', { timeout: 180_000 }, () => {
  test('is found by the commands on its machine, and reads its certificate again on SIGHUP', () =>
    onStage(async (stage) => {
      const authority = new Authority(stage.path('pki'))
      const [first, second] = [authority.sign('first', HOSTS), authority.sign('second', HOSTS)]
      const { server, port, install } = await serveTls(stage, first)
      const url = `https://localhost:${port}`
      const listed = await stage.run(['list', '--url', url, '--ca', authority.cert])
      expect(listed).toMatchObject({ code: 0, stderr: '' })

      const end = await RawEnd.open({ url, token: stage.adminToken, network: { ca: authority.pem } })
      const says = (text: RegExp) =>
        waitUntil(() => text.test(server.stderr()), { limitMs: 60_000, what: String(text) })
      install({ cert: second.cert })
      server.signal('SIGHUP')
      await says(/the key does not belong to the certificate.*the new certificate is refused, the old one goes on/)
      expect(await subjectAt(port, authority.pem)).toBe('first')
      install(second)
      server.signal('SIGHUP')
      await says(/the certificate was read again/)
      expect(await subjectAt(port, authority.pem)).toBe('second')
      expect((await end.call('agents', {})).agents).toEqual([])
      await end.close()
      server.signal('SIGTERM')
      expect(await server.finished(60_000)).toMatchObject({ code: 0 })
    }))
})
