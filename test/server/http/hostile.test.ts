import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { waitUntil } from '../../support/wait-until.ts'
import { type Front, many, openFront, YAML } from './front.ts'

const KNOWN = 'host: drumline\r\nauthorization: Bearer token-of-operator\r\n'
const CLOSE = 'connection: close\r\n'

/** Sends bytes as they are and reads until the server closes. */
function send(front: Front, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(front.port, '127.0.0.1')
    let got = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      got += chunk
    })
    // A reset is a way to be turned away.
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
    socket.write(text, 'latin1')
  })
}

const post = (rest: string) => `POST /api/workflows HTTP/1.1\r\n${KNOWN}${CLOSE}${rest}`

const REQUESTS: [what: string, request: string, status: number][] = [
  ['no request at all', 'hello\r\n\r\n', 400],
  ['no Host', `GET /healthz HTTP/1.1\r\n${CLOSE}\r\n`, 400],
  ['a broken Host', `GET /healthz HTTP/1.1\r\nhost: a b\r\n${CLOSE}\r\n`, 400],
  ['a path that is none', `GET /\\api HTTP/1.1\r\n${KNOWN}${CLOSE}\r\n`, 400],
  ['a path that is badly escaped', `GET /api/workflows/%ff HTTP/1.1\r\n${KNOWN}${CLOSE}\r\n`, 400],
  ['an expectation', `GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\n${CLOSE}\r\n`, 200],
  ['headers without end', `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 400],
  ['two lengths', post('content-length: 5\r\ncontent-length: 6\r\n\r\nhello'), 400],
  ['chunks that are none', post('transfer-encoding: chunked\r\n\r\nzz\r\nhello'), 400],
  ['a length that no body has', post('content-length: 99999999999\r\n\r\n'), 413],
  ['chunks without end', post(`transfer-encoding: chunked\r\n\r\n200000\r\n${'x'.repeat(0x200000)}\r\n`), 413],
  ['bytes that are no text', post('content-length: 2\r\n\r\n\xff\xfe'), 400],
  ['two credentials', `GET /api/queue HTTP/1.1\r\n${KNOWN}authorization: Bearer x\r\n${CLOSE}\r\n`, 401],
  ['a method that nobody knows', `BREW /api/queue HTTP/1.1\r\n${KNOWN}${CLOSE}\r\n`, 400],
  ['a method that is not there', `TRACE /api/queue HTTP/1.1\r\n${KNOWN}${CLOSE}\r\n`, 405],
]

describe('what is no good', () => {
  test.each(REQUESTS)('is answered by the server itself: %s', async (_, request, status) => {
    const front = await openFront()
    await front.as('operator')
    const answer = await send(front, request)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer.toLowerCase()).toContain('\r\ndrumline: 1\r\n')
    expect(await (await front.as('operator')).submit(YAML)).toBeTruthy()
  })

  test('uploads that stop in the middle leave nothing behind', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const sockets = many(50).map(() => connect(front.port, '127.0.0.1'))
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.write(post(`content-length: 500000\r\n\r\n${'x'.repeat(100_000)}`))
    }
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    for (const socket of sockets) socket.resetAndDestroy()
    await waitUntil(() => front.house.clock.pending < 10, { what: 'the end of what they began', limitMs: 15_000 })
    expect(await operator.json('GET', '/api/workflows')).toEqual({ workflows: [], next: null })
  })
})
