import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished, test } from 'vitest'
import { SecureServer } from '../../../src/server/http/secure.ts'
import { Authority } from '../../support/certificates.ts'
import { needsTool } from '../../support/tools.ts'
import { waitUntil } from '../../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-secure-'))
let tls: { cert: string; key: string }

/** A server with a time that a test can wait for. */
async function open(ms: number) {
  const server = new SecureServer({}, tls, (_, response) => response.end('served'), ms)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clients: Socket[] = []
  onTestFinished(() => {
    for (const socket of clients) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const begin = async (word?: Buffer): Promise<Socket> => {
    const met = once(server, 'connection')
    const socket = dial(port, '127.0.0.1').on('error', () => {})
    clients.push(socket.resume())
    if (word !== undefined) socket.write(word)
    await met
    return socket
  }
  return { begin }
}

needsTool('openssl')('a handshake', { timeout: 60_000 }, () => {
  beforeAll(() => {
    const authority = new Authority(folder)
    const { cert, key } = authority.sign('server', { hosts: ['127.0.0.1'] })
    tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each([
    ['that is not begun', undefined],
    ['that is not gone on with', Buffer.from([0x16, 3, 1, 2, 0, 1])],
  ])('%s is given up after its time', async (_, word) => {
    const { begin } = await open(100)
    const socket = await begin(word)
    await waitUntil(() => socket.destroyed, { limitMs: 30_000 })
  })
})
