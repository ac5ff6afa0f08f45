import type { PeerCertificate, TLSSocket } from 'node:tls'
import { chainOf, intercepts, issuerOf, namesOf, reach } from '../socket/index.ts'
import type { Case } from './case.ts'
import { type Outcome, ok, skipped, warning } from './finding.ts'
import type { Patient } from './patient.ts'
import { faultOf, isLate } from './sentence.ts'
import { tlsCode } from './tls-code.ts'

const DAY_MS = 86_400_000
/** A certificate is renewed a month before its end, where somebody cares. */
const SOON_DAYS = 14

/** Whether the server is who it says, or who stands in its place. */
export async function checkTls(one: Case): Promise<Outcome> {
  const { url, network, patienceMs } = one.patient
  if (url.protocol !== 'wss:') return skipped('none is asked for: whoever is on the way can read the credential')
  try {
    const socket = await reach(url, network, patienceMs)
    try {
      return judge(socket as TLSSocket, network.skipVerify === true)
    } finally {
      socket.destroy()
    }
  } catch (error) {
    const code = isLate(error) ? 'tls_silent' : (tlsCode(error) ?? 'tls_broken')
    const mend = 'does it speak TLS at all? A firewall that does not like the name breaks off like that, too'
    const known = code === 'tls_unknown_issuer' && (await isIntercepted(one.patient)) ? 'tls_intercepted' : code
    return faultOf(known, error, mend)
  }
}

function judge(socket: TLSSocket, unverified: boolean): Outcome {
  const shown = socket.getPeerCertificate(true)
  const days = Math.floor((Date.parse(shown.valid_to) - Date.now()) / DAY_MS)
  const whose = `${socket.getProtocol()}, for ${namesOf(shown)}, issued by ${issuerOf(shown)}, good for ${days} days`
  if (unverified && !socket.authorized) {
    const why = `${whose}; not verified (${socket.authorizationError})`
    return warning('tls_unverified', why, 'leave --danger-skip-tls-verification away and give --ca FILE')
  }
  if (days < SOON_DAYS) return warning('tls_expires_soon', whose, 'have it renewed on the server')
  return ok(whose)
}

/** Who has signed it, seen without trusting it and without a word said. */
async function isIntercepted(patient: Patient): Promise<boolean> {
  const { url, network, patienceMs } = patient
  try {
    const socket = await reach(url, { ...network, skipVerify: true }, patienceMs)
    const shown: PeerCertificate = (socket as TLSSocket).getPeerCertificate(true)
    socket.destroy()
    return chainOf(shown).some(intercepts)
  } catch {
    return false
  }
}
