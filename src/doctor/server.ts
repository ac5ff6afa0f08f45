import { SUBPROTOCOL } from '../protocol/index.ts'
import { isTls, portOf, quoted, reach } from '../socket/index.ts'
import { type Answer, askPlainly, askUpgrade } from './ask.ts'
import type { Case } from './case.ts'
import { type Fault, failed, type Outcome, ok, warning } from './finding.ts'
import type { Patient } from './patient.ts'
import { codeOf, faultOf, isLate } from './sentence.ts'
import { tlsCode } from './tls-code.ts'

/** Whether it is Drumline that answers, and takes anybody in. */
export async function checkServer(one: Case): Promise<Outcome> {
  const { patient } = one
  try {
    one.answer = await askUpgrade(patient)
    const { status, headers } = one.answer
    if (isOurs(one.answer)) return taken(one.answer, patient)
    if (status === 101 && headers['sec-websocket-protocol'] === SUBPROTOCOL) return UNMARKED
    const plain = await askPlainly(patient)
    if (!isOurs(plain)) return await stranger(plain.status === 404 ? plain : one.answer, patient)
    one.intruder = one.answer
    return ok('Drumline answers a plain request')
  } catch (error) {
    return await broken(error, patient)
  }
}

/** Every answer of Drumline's own says so. */
function isOurs({ headers }: Answer): boolean {
  return headers.drumline === '1'
}

const UNMARKED = warning(
  'mark_stripped',
  'Drumline answers, but the header `drumline` is taken off on the way',
  'let it pass: an agent whose credential is refused cannot tell by whom, and tries again for ever',
)

function taken({ status, headers, words }: Answer, { url }: Patient): Outcome {
  if (status === 503) {
    const when = headers['retry-after'] === undefined ? '' : `, and to come again in ${headers['retry-after']} s`
    const mend = 'wait until it is back; if it stays so, /readyz and its own log say why'
    return failed('unavailable', `Drumline answers that it takes nobody in now: ${quoted(words)}${when}`, mend)
  }
  if (status === 404) {
    const found = `Drumline answers, but not to the path ${url.pathname}: the proxy before it passes that on as it is`
    const mend = `have the proxy take ${url.pathname.replace(/\/bus$/, '') || 'it'} off, or send X-Forwarded-Prefix (docs/proxies)`
    return failed('wrong_path', found, mend)
  }
  return ok('Drumline answers')
}

/** Somebody else has answered: who, and where Drumline might be. */
async function stranger(answer: Answer, patient: Patient): Promise<Fault> {
  const { status, headers } = answer
  const found = describe(answer)
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    return failed(
      'redirected',
      `${found}, to ${quoted(headers.location)}`,
      'give that address; agents follow no redirects',
    )
  }
  if (status === 400 && (await speaksTls(patient))) return wantsTls(patient)
  if (status === 502 || status === 503 || status === 504) {
    return failed(
      'gateway',
      found,
      'the proxy is there, the server behind it is not: start it, or correct the address that the proxy has',
    )
  }
  if (status === 401 || status === 403) {
    return failed(
      'foreign_login',
      found,
      `have ${patient.url.pathname} let through there: Drumline asks for its own credential`,
    )
  }
  const place = await elsewhere(patient)
  if (place !== undefined) return failed('wrong_path', found, `Drumline is at ${place}: give that address`)
  return failed(
    'not_drumline',
    found,
    'is that the right address and port? Is the path under which the proxy shows it missing?',
  )
}

/** `HTTP 404 of nginx, "Not Found"`. */
export function describe({ status, headers, words }: Answer): string {
  const who = headers.server ?? headers.via ?? headers['x-powered-by']
  const of = who === undefined ? '' : ` of ${quoted([who].flat().join(', '))}`
  return `not Drumline answers, but somebody else: HTTP ${status}${of}${words === '' ? '' : `, ${quoted(words)}`}`
}

/** Drumline without the path that was given, if it is there. */
async function elsewhere(patient: Patient): Promise<string | undefined> {
  if (patient.url.pathname === '/bus') return undefined
  const root = await askPlainly(patient, '/bus').catch(() => undefined)
  return root !== undefined && isOurs(root) ? patient.url.origin.replace(/^ws/, 'http') : undefined
}

async function broken(error: unknown, patient: Patient): Promise<Fault> {
  const { url, patienceMs } = patient
  const { rawPacket } = error as { rawPacket?: Buffer }
  if (isTls(rawPacket) || (!isLate(error) && (await speaksTls(patient)))) return wantsTls(patient)
  if (codeOf(error).startsWith('HPE_')) return failed('not_http', 'no HTTP is spoken there', 'is that the right port?')
  if (tlsCode(error) === 'tls_client_certificate') {
    return faultOf('tls_client_certificate', error, 'give --client-cert and --client-key')
  }
  if (isLate(error)) {
    const found = `no answer to an HTTP request within ${patienceMs / 1000} s`
    return failed('silent', found, 'is that the right port? If so, the server hangs, or what is before it waits for it')
  }
  return faultOf(
    'broken',
    error,
    `whoever answers there hangs up: is it ${url.protocol === 'ws:' ? 'https://' : 'the right port'}?`,
  )
}

function wantsTls({ url }: Patient): Fault {
  return failed('wants_tls', 'TLS is spoken there', `give https://${url.host}, or wss://`)
}

/** Servers that miss it answer by an alert, hang up, or say so in a page. */
async function speaksTls({ url, network, patienceMs }: Patient): Promise<boolean> {
  if (url.protocol !== 'ws:') return false
  try {
    const secure = new URL(url.href.replace('ws:', 'wss:'))
    secure.port = String(portOf(url))
    const socket = await reach(secure, { ...network, skipVerify: true }, patienceMs)
    socket.destroy()
    return true
  } catch {
    return false
  }
}
