import { BusError, CLOSE, CloseError, RELEASE, type ResultOf } from '../protocol/index.ts'
import { quoted } from '../socket/index.ts'
import type { Case } from './case.ts'
import { type Fault, failed, type Outcome, ok, skipped, warning } from './finding.ts'
import { faultOf } from './sentence.ts'
import { Visit } from './visit.ts'

/** Whether both ends understand each other, and who one is there. */
export async function checkWelcome(one: Case): Promise<Outcome> {
  const { patient } = one
  try {
    const visit = await one.visit()
    if (patient.idleMs > 0) one.quiet = await Visit.open(patient)
    const { server, version } = visit.welcome
    const what = `Drumline ${server.version} (here ${RELEASE}), protocol ${version}`
    const who = await visit.call('whoami', {}, patient.patienceMs).catch(notAsked)
    if (typeof who === 'string') return ok(what, who)
    const found = `${what}; you are ${called(who)}`
    return endsSoon(who) ? warning('credential_expires_soon', found, RENEW) : ok(found)
  } catch (error) {
    if (error instanceof CloseError) return closed(error)
    if (error instanceof BusError) return silent(patient.patienceMs)
    return faultOf(
      'upgrade_unsteady',
      error,
      'it has opened a moment ago: try again, and see whether it does so always',
    )
  }
}

/** Why nothing can be asked there. */
function notAsked(error: unknown): string {
  if (error instanceof BusError && error.code === 'unknown_method') return TOO_OLD
  if (error instanceof BusError && error.code === 'forbidden') return 'an enrolment token is good for nothing else'
  throw error
}

const RENEW = 'give it another token: `drumline token rotate`'
const SOON_MS = 7 * 86_400_000

function endsSoon({ expires }: ResultOf<'whoami'>): boolean {
  return expires !== null && expires - Date.now() < SOON_MS
}

function called({ role, name, labels, expires }: ResultOf<'whoami'>): string {
  const forced = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const until = expires === null ? '' : `, until ${new Date(expires).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `the ${role} ${quoted(name)}${forced.length === 0 ? '' : `, labels ${forced.join(' ')}`}${until}`
}

function closed({ code, reason }: CloseError): Outcome {
  if (code === CLOSE.version) {
    const found = `no version of the protocol in common: ${quoted(reason)}`
    return failed('version', found, 'bring server and agents to releases that are closer to each other')
  }
  if (code === CLOSE.revoked || reason.includes('expired')) {
    return failed('credential_unknown', quoted(reason), 'make another: `drumline token create`')
  }
  // What an agent's credential got before there were visits: it is known, and good.
  if (code === CLOSE.badCredential) {
    return skipped(
      `the credential is known (${quoted(reason)}), but this server is too old to be visited with it`,
      TOO_OLD,
    )
  }
  const found = `closed with ${code} before the welcome${reason === '' ? '' : `: ${quoted(reason)}`}`
  return failed('no_welcome', found, 'try again; if it stays so, the log of the server says more')
}

const TOO_OLD = 'the server is too old for it'

function silent(ms: number): Fault {
  const found = `the WebSocket opens, and then nothing comes back within ${ms / 1000} s`
  return failed(
    'no_welcome',
    found,
    'something on the way holds messages back: have it pass them on at once, unbuffered',
  )
}
