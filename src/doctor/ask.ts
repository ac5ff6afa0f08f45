import { createHash, randomBytes } from 'node:crypto'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { SUBPROTOCOL } from '../protocol/index.ts'
import { reach, wordsOf } from '../socket/index.ts'
import type { Patient } from './patient.ts'

/** What was answered to one request. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** What a person would read of it first. */
  readonly words: string
  /** The key of the handshake came back as it must. */
  readonly accepted: boolean
}

/** Of RFC 6455. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Asks for the upgrade as an agent does, byte by byte in our own hands, and lets go of it. Rejects with what went wrong. */
export function askUpgrade(patient: Patient): Promise<Answer> {
  const key = randomBytes(16).toString('base64')
  const { token } = patient
  return ask(patient, patient.url.pathname, key, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    'sec-websocket-protocol': SUBPROTOCOL,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  })
}

/** A plain request, without the credential. */
export function askPlainly(patient: Patient, path = patient.url.pathname): Promise<Answer> {
  return ask(patient, path, '', { connection: 'close' })
}

async function ask(patient: Patient, path: string, key: string, headers: Record<string, string>): Promise<Answer> {
  const { url, network, patienceMs } = patient
  const socket = await reach(url, network, patienceMs)
  const signal = AbortSignal.timeout(patienceMs)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({ path, headers: { host: url.host, ...headers }, createConnection: () => socket, signal })
      asked.once('upgrade', resolve)
      asked.once('response', resolve)
      asked.on('error', reject)
      asked.end()
    })
    const { statusCode: status = 0 } = response
    const accepted = response.headers['sec-websocket-accept'] === acceptOf(key)
    const words = status === 101 ? '' : await wordsOf(response)
    return { status, headers: response.headers, words, accepted }
  } finally {
    socket.destroy()
  }
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${MAGIC}`).digest('base64')
}
