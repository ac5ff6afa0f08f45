import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { CLOSE, systemClock } from '../../src/protocol/index.ts'
import { busUrl, DialError, dial, type SocketPort, watch, wsPort } from '../../src/socket/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { waitUntil } from '../support/wait-until.ts'

const leftOpen: (() => void)[] = []
afterEach(() => {
  for (const close of leftOpen.splice(0)) close()
})

interface Bus {
  url: string
  sockets: WebSocket[]
  requests: IncomingMessage[]
}

/** A bare WebSocket server that speaks our subprotocol, or refuses as told. */
async function bus(refuse?: (response: ServerResponse) => void): Promise<Bus> {
  const found: Bus = { url: '', sockets: [], requests: [] }
  const http: Server = createServer((_request, response) => refuse?.(response))
  const raw = new Set<Socket>()
  http.on('connection', (socket) => raw.add(socket))
  leftOpen.push(() => {
    http.close()
    for (const socket of raw) socket.destroy()
  })
  if (refuse === undefined) {
    const wss = new WebSocketServer({ server: http, handleProtocols: () => 'drumline.v1', perMessageDeflate: true })
    wss.on('connection', (ws, request) => {
      found.sockets.push(ws)
      found.requests.push(request)
    })
  }
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  found.url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/bus`
  return found
}

async function joined(
  options: { maxBytes?: number } = {},
): Promise<{ client: SocketPort; server: WebSocket; bus: Bus }> {
  const there = await bus()
  const client = await dial(there.url, { token: 'dl_secret', maxBytes: options.maxBytes ?? 1024 })
  leftOpen.push(() => client.terminate())
  const server = await waitUntil(() => there.sockets[0])
  return { client, server, bus: there }
}

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
})

describe('liveness', () => {
  const quiet = { send() {}, close() {}, buffered: () => 0, onText() {}, onClose() {}, terminate() {} }

  test('a socket without a byte is dead by the limit, one that trickles lives', async () => {
    const clock = new FakeClock()
    let bytes = 0
    let dead = 0
    const stop = watch({ ...quiet, bytesRead: () => bytes, ping() {} }, clock, { deadMs: 40_000, onDead: () => dead++ })
    for (let at = 0; at < 120; at++) {
      bytes++
      await clock.advance(1_000)
    }
    expect(dead).toBe(0)
    await clock.advance(33_000)
    expect(dead).toBe(0)
    await clock.advance(7_000)
    expect(dead).toBe(1)
    await clock.advance(200_000)
    expect(dead).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
  })

  test('pings start at random in the second half and keep their pace', async () => {
    const clock = new FakeClock()
    const at: number[] = []
    let bytes = 0
    const port = { ...quiet, bytesRead: () => ++bytes, ping: () => at.push(clock.monotonic()) }
    const stop = watch(port, clock, { pingMs: 15_000, deadMs: 25_000, onDead() {} })
    await clock.advance(60_000)
    const [first = 0, second = 0, third = 0] = at
    expect(first).toBeGreaterThanOrEqual(7_500)
    expect(first).toBeLessThanOrEqual(15_000)
    expect(second - first).toBeCloseTo(15_000)
    expect(third - second).toBeCloseTo(15_000)
    stop()
    expect(clock.pending).toBe(0)
  })

  test('after a stall of our own loop it looks again before it judges', () => {
    let now = 0
    let look: (() => void) | undefined
    let dead = 0
    const clock = {
      now: () => now,
      monotonic: () => now,
      after: (_ms: number, call: () => void) => {
        look = call
        return () => {}
      },
    }
    watch({ ...quiet, bytesRead: () => 7, ping() {} }, clock, { deadMs: 8_000, onDead: () => dead++ })
    now = 60_000
    look?.()
    expect(dead).toBe(0)
    for (let step = 0; step < 8; step++) {
      now += 1_000
      look?.()
    }
    expect(dead).toBe(1)
  })

  test('over a real socket that goes silent', async () => {
    const { client, server } = await joined()
    server.pause()
    const dead = new Promise<void>((resolve) => {
      const stop = watch(client, systemClock, { pingMs: 20, deadMs: 100, onDead: resolve })
      leftOpen.push(stop)
    })
    await dead
  })
})

describe('the address', () => {
  test.each([
    ['http://127.0.0.1:7800', 'ws://127.0.0.1:7800/bus'],
    ['https://ci.example.com/', 'wss://ci.example.com/bus'],
    ['wss://ci.example.com/bus', 'wss://ci.example.com/bus'],
    ['ws://ci.example.com/bus/', 'ws://ci.example.com/bus'],
    ['https://example.com/ci', 'wss://example.com/ci/bus'],
    ['http://[::1]:7800', 'ws://[::1]:7800/bus'],
  ])('%s becomes %s', (typed, url) => expect(busUrl(typed).href).toBe(url))

  test.each([
    ['ci.example.com', /not an address/],
    ['localhost:7800', /localhost:/],
    ['ftp://ci.example.com', /ftp/],
    ['https://me:secret@ci.example.com', /user or password/],
    ['https://ci.example.com/?token=1', /query/],
  ])('%s is refused', (typed, why) => expect(() => busUrl(typed)).toThrow(why))
})
