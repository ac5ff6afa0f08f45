import { describe, expect, test } from 'vitest'
import { CLOSE } from '../../src/protocol/index.ts'
import { DialError, dial } from '../../src/socket/index.ts'
import { wsPort } from '../../src/socket/port.ts'
import { waitUntil } from '../support/wait-until.ts'
import { bus, joined, leftOpen } from './bare-bus.ts'

describe('dialling', () => {
  test('names the subprotocol, carries the token in a header and never offers compression', async () => {
    const { bus, server } = await joined()
    expect(server.protocol).toBe('drumline.v1')
    expect(server.extensions).toBe('')
    expect(bus.requests[0]?.headers.authorization).toBe('Bearer dl_secret')
    expect(bus.requests[0]?.url).toBe('/bus')
  })

  test('tells a refusal by Drumline from one by something in between', async () => {
    const ours = await bus((response) => response.writeHead(401, { drumline: '1' }).end())
    const proxy = await bus((response) => response.writeHead(403).end('<html>blocked</html>'))
    const options = { token: 't', maxBytes: 1024 }
    await expect(dial(ours.url, options)).rejects.toMatchObject({ name: 'DialError', status: 401, drumline: true })
    await expect(dial(proxy.url, options)).rejects.toMatchObject({ name: 'DialError', status: 403, drumline: false })
  })

  test('says what could not be reached', async () => {
    const gone = await bus()
    leftOpen.splice(0).forEach((close) => {
      close()
    })
    const error = await dial(gone.url, { token: 't', maxBytes: 1024 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DialError)
    expect(String(error)).toContain(gone.url)
    expect(String(error)).toContain('ECONNREFUSED')
    expect((error as DialError).status).toBeUndefined()
  })

  test('gives up when it is aborted, before and during', async () => {
    const silent = await bus(() => {})
    await expect(dial(silent.url, { token: 't', maxBytes: 1024, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      DialError,
    )
    const controller = new AbortController()
    const dialling = dial(silent.url, { token: 't', maxBytes: 1024, signal: controller.signal })
    controller.abort()
    await expect(dialling).rejects.toBeInstanceOf(DialError)
  })

  test('gives up after its time when nobody answers', async () => {
    const silent = await bus(() => {})
    const dialling = dial(silent.url, { token: 't', maxBytes: 1024, timeoutMs: 30 })
    await expect(dialling).rejects.toThrow(/timed out/)
  })
})

describe('a WebSocket as a port', () => {
  test('passes texts both ways, in order, also those that come before anybody listens', async () => {
    const { client, server } = await joined()
    const up: string[] = []
    server.on('message', (data) => up.push(data.toString()))
    server.send('early')
    client.send('one')
    client.send('two')
    await waitUntil(() => up.length === 2 && client.bytesRead() > 150)
    const down: string[] = []
    client.onText((text) => down.push(text))
    server.send('later')
    await waitUntil(() => down.length === 2)
    expect(up).toEqual(['one', 'two'])
    expect(down).toEqual(['early', 'later'])
  })

  test('tells code and reason of the end once, whoever closed', async () => {
    const { client, server } = await joined()
    const ends: [number, string][] = []
    client.onClose((code, reason) => ends.push([code, reason]))
    server.close(CLOSE.superseded, 'a newer connection')
    await waitUntil(() => ends.length > 0)
    client.close(1000, 'late')
    client.send('nobody hears this')
    expect(ends).toEqual([[4504, 'a newer connection']])
  })

  test('closes with what may be sent, and a reason that fits', async () => {
    const { client, server } = await joined()
    const closed = new Promise<[number, string]>((resolve) => {
      server.on('close', (code, reason) => resolve([code, reason.toString()]))
    })
    client.close(1006, 'ü'.repeat(200))
    const [code, reason] = await closed
    expect(code).toBe(1011)
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
    expect(reason).toMatch(/^ü{50,}$/)
  })

  test('refuses binary and what is larger than it accepts', async () => {
    const first = await joined()
    const binary = new Promise((resolve) => first.server.on('close', resolve))
    first.server.send(new Uint8Array([1, 2]))
    expect(await binary).toBe(1003)
    const second = await joined({ maxBytes: 64 })
    const big = new Promise((resolve) => second.server.on('close', resolve))
    second.server.send('x'.repeat(65))
    expect(await big).toBe(1009)
  })

  test('terminate ends it at once with 1006', async () => {
    const { client } = await joined()
    const ended = new Promise((resolve) => client.onClose(resolve))
    client.terminate()
    expect(await ended).toBe(1006)
  })

  test('paused, it reads nothing; resumed, it misses nothing', async () => {
    const { client, server } = await joined()
    const texts: string[] = []
    client.onText((text) => texts.push(text))
    client.pause?.(true)
    server.send('held')
    await new Promise<void>((resolve) => server.ping(undefined, undefined, () => resolve()))
    expect(texts).toEqual([])
    client.pause?.(false)
    await waitUntil(() => texts.length === 1)
    expect(texts).toEqual(['held'])
  })

  test('on the server side too, and a ping is answered by itself', async () => {
    const { client, server } = await joined()
    const port = wsPort(server)
    const before = client.bytesRead()
    const answered = port.bytesRead()
    port.ping()
    await waitUntil(() => client.bytesRead() > before && port.bytesRead() > answered)
  })

  test('tells how long the answer to its ping took, and nothing of a pong that answers none', async () => {
    const { client, server } = await joined()
    const told: number[] = []
    const texts: string[] = []
    client.onPong?.((ms) => told.push(ms))
    client.onText((text) => texts.push(text))
    server.on('ping', () => server.send('after the answer'))
    server.pong('a stray')
    client.ping()
    await waitUntil(() => texts.length === 1)
    expect(told).toEqual([expect.any(Number)])
  })
})
