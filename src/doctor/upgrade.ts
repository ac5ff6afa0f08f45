import { SUBPROTOCOL } from '../protocol/index.ts'
import { quoted } from '../socket/index.ts'
import type { Answer } from './ask.ts'
import type { Case } from './case.ts'
import { failed, type Outcome, ok, skipped } from './finding.ts'
import { describe } from './server.ts'

const PASS_ON = 'have the proxy pass Upgrade and Connection on, by HTTP/1.1 (docs/proxies has files for four of them)'
const GUARD = 'a firewall or a rule of the proxy does not let WebSockets through: have them allowed for this host'

/** Whether a WebSocket gets through to Drumline, and comes back as it was made. */
export async function checkUpgrade(one: Case): Promise<Outcome> {
  if (one.intruder !== undefined) {
    const found = `a request reaches Drumline, an upgrade does not: ${describe(one.intruder)}`
    return failed('upgrade_refused', found, one.intruder.status === 403 ? GUARD : PASS_ON)
  }
  const { status, headers, words, accepted } = answerOf(one)
  if (status === 426) return failed('upgrade_stripped', 'Drumline got the request, but no Upgrade with it', PASS_ON)
  if (status === 403 && /Origin/.test(words)) {
    return failed('origin_added', 'an Origin is added on the way', 'have that taken off: machines send none')
  }
  if (status === 400 && !isOfSubprotocol(words)) {
    return failed('upgrade_altered', `Drumline finds the upgrade malformed: ${quoted(words)}`, PASS_ON)
  }
  if (status !== 101) return ok('it reaches Drumline')
  const extension = headers['sec-websocket-extensions']
  if (extension !== undefined) {
    const found = `${quoted(extension)} is put into the answer, which nobody offered`
    return failed('extension_added', found, 'have WebSockets passed on as they are, without compression')
  }
  if (!accepted)
    return failed('upgrade_altered', 'the answer belongs to another request', 'is there a cache on the way?')
  return ok('HTTP 101, unaltered')
}

/** Whether both ends know what is spoken. */
export async function checkSubprotocol(one: Case): Promise<Outcome> {
  const { status, headers, words } = answerOf(one)
  const pass = 'have the proxy pass Sec-WebSocket-Protocol on, both ways'
  if (status === 400 && isOfSubprotocol(words)) {
    return failed('subprotocol_stripped', `Drumline did not get the offer of ${SUBPROTOCOL}`, pass)
  }
  if (status !== 101) return ok(`${SUBPROTOCOL} was offered, and reached Drumline`)
  const chosen = headers['sec-websocket-protocol']
  if (chosen === SUBPROTOCOL) return ok(SUBPROTOCOL)
  const found = chosen === undefined ? 'the answer names none' : `the answer names ${quoted(chosen)}`
  return failed('subprotocol_lost', found, pass)
}

/** Whether the credential arrives, and is known. */
export async function checkCredential(one: Case): Promise<Outcome> {
  const { status, headers, words } = answerOf(one)
  if (one.patient.token === undefined) {
    const how = 'none was given: set DRUMLINE_TOKEN or give --token-file, and what is behind the door is tried too'
    return skipped(how, 'it takes a credential')
  }
  if (status === 101) return ok('it is accepted')
  const seconds = headers['retry-after'] ?? 'some'
  if (status === 429)
    return failed('rate_limited', quoted(words), `wait ${seconds} s, and find out who tries wrong ones from here`)
  const challenge = headers['www-authenticate'] ?? ''
  if (status === 401 && challenge !== '' && !challenge.includes('invalid_token')) {
    const found = 'it was sent, and did not reach Drumline'
    return failed('credential_stripped', found, 'have the proxy pass Authorization on, and ask for no login of its own')
  }
  const mend =
    'it is mistyped, has expired or was revoked: `drumline token list` shows those there are, `token create` makes one'
  return failed('credential_unknown', `Drumline does not accept it (HTTP ${status})`, mend)
}

function answerOf({ answer }: Case): Answer {
  if (answer === undefined) throw new Error('asked before the server was')
  return answer
}

function isOfSubprotocol(words: string): boolean {
  return words.includes('subprotocol')
}
