import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Log, silentLog } from '../../src/protocol/index.ts'
import type { Server, TlsOptions } from '../../src/server/index.ts'
import { Authority, type Certificate } from '../support/certificates.ts'
import { RawEnd } from '../support/raw-end.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'
import { dialTcp, exchange, requestText, serve } from './support/served.ts'

const HOSTS = { hosts: ['localhost', '127.0.0.1'] }
const folder = mkdtempSync(join(tmpdir(), 'drumline-tls-'))
let authority: Authority
let first: TlsOptions
let second: TlsOptions

const read = ({ cert, key }: Certificate): TlsOptions => ({
  cert: readFileSync(cert, 'utf8'),
  key: readFileSync(key, 'utf8'),
})

/** The first answer over TLS, or why there is none; and whom the server said it was. */
async function ask(server: Server, options: ConnectionOptions = {}, path = '/healthz') {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const tls = connect({ port: server.port, host: '127.0.0.1', ca: authority.pem, ...options }, () => resolve(tls))
    tls.once('error', reject)
  })
  const subject = socket.getPeerCertificate().subject.CN
  const text = await new Promise<string>((resolve, reject) => {
    socket.once('data', (chunk) => resolve(chunk.toString()))
    socket.once('error', reject)
    socket.write(requestText({ host: 'localhost', connection: 'close' }, `GET ${path} HTTP/1.1`))
  })
  socket.destroy()
  return { status: Number(text.split(' ')[1]), subject }
}

/** Keeps what is warned of. */
function listening(): { log: Log; warnings: string[] } {
  const warnings: string[] = []
  return { log: { ...silentLog, warn: (_, text) => void warnings.push(text) }, warnings }
}

needsTool('openssl')('a server that speaks TLS', { timeout: 60_000 }, () => {
  beforeAll(() => {
    authority = new Authority(folder)
    first = read(authority.sign('first', HOSTS))
    second = read(authority.sign('second', HOSTS))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('says so in its address, and carries the bus', async () => {
    const { server, token } = await serve({ tls: first })
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`)
    const end = await RawEnd.open({ url: server.url, token, network: { ca: authority.pem } })
    expect((await end.call('agents', {})).agents).toEqual([])
    await end.close()
  })

  test('does not speak its older versions', async () => {
    const { server } = await serve({ tls: first })
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(ask(server, old)).rejects.toThrow(/protocol version|no protocols available/)
    expect(await ask(server, { maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200 })
  })

  test('tells who speaks in the clear what to do', async () => {
    const { server } = await serve({ tls: first })
    const answer = await exchange(server, requestText({ host: 'localhost' }, 'GET /healthz HTTP/1.1'))
    expect(answer).toMatchObject({ status: 400, headers: { drumline: '1' } })
    expect(answer.body).toContain('https:// or wss://')
  })

  test('shows another certificate to who comes after the reload, and keeps who is there', async () => {
    const { server, token } = await serve({ tls: first })
    const end = await RawEnd.open({ url: server.url, token, network: { ca: authority.pem } })
    expect(await ask(server)).toEqual({ status: 200, subject: 'first' })
    server.reloadTls(second)
    expect(await ask(server)).toEqual({ status: 200, subject: 'second' })
    expect((await end.call('agents', {})).agents).toEqual([])
    await end.close()
  })

  test('refuses a pair that is no good, and goes on with the one it has', async () => {
    const { server } = await serve({ tls: first })
    expect(() => server.reloadTls({ cert: second.cert, key: first.key })).toThrow(/does not belong/)
    expect(await ask(server)).toEqual({ status: 200, subject: 'first' })
  })

  test('cannot be had by a reload', async () => {
    const { server } = await serve()
    expect(() => server.reloadTls(first)).toThrow('the server speaks no TLS')
  })

  test.each<[string, () => Partial<TlsOptions>, RegExp]>([
    ['a certificate that is none', () => ({ cert: 'x' }), /the certificate is no PEM/],
    ['a key that is none', () => ({ key: first.cert }), /the key is no PEM/],
    ['an encrypted key', () => ({ key: ENCRYPTED }), /the key is encrypted/],
    ['the key of another', () => ({ key: second.key }), /the key does not belong to the certificate/],
    ['an authority that is none', () => ({ clientCa: '' }), /the authority of the clients is no PEM/],
  ])('does not start with %s', async (_, wrong, says) => {
    await expect(serve({ tls: { ...first, ...wrong() } })).rejects.toMatchObject({
      code: 'tls_refused',
      message: expect.stringMatching(says),
    })
  })

  test('starts with an expired certificate, and warns', async () => {
    const { log, warnings } = listening()
    await serve({ tls: read(authority.sign('expired', { ...HOSTS, days: -1 })), log })
    expect(warnings).toEqual(['the certificate has expired: nobody will trust it'])
  })

  test('asks for a certificate of its clients, beside the token, where it is given their authority', async () => {
    const clients = new Authority(folder, 'clients')
    const { server } = await serve({ tls: { ...first, clientCa: clients.pem } })
    const [known, foreign] = [read(clients.sign('build-1')), read(authority.sign('build-2'))]
    expect(await ask(server, known)).toMatchObject({ status: 200 })
    expect(await ask(server, known, '/api/queue')).toMatchObject({ status: 401 })
    await expect(ask(server)).rejects.toThrow(/certificate required/)
    await expect(ask(server, foreign)).rejects.toThrow()
    server.reloadTls({ ...second, clientCa: authority.pem })
    expect(await ask(server, foreign)).toEqual({ status: 200, subject: 'second' })
  })

  test('ends without waiting for who has not said a word, or half a one', async () => {
    const { server } = await serve({ tls: first })
    const [silent, slow] = await Promise.all([dialTcp(server), dialTcp(server)])
    const gone = Promise.all([silent, slow].map((socket) => waitUntil(() => socket.destroyed)))
    slow.write(Buffer.from([0x16, 3, 1]))
    for (const socket of [silent, slow]) socket.on('error', () => {}).resume()
    await server.close()
    await gone
  })
})

const ENCRYPTED = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'
