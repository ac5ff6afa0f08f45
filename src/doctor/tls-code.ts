import type { FaultCode } from './faults.ts'
import { codeOf } from './sentence.ts'

/** What fails in TLS, by the name that Node or OpenSSL gives it. */
const CODES: readonly (readonly [pattern: RegExp, code: FaultCode])[] = [
  [/^CERT_HAS_EXPIRED$/, 'tls_expired'],
  [/^CERT_NOT_YET_VALID$/, 'tls_not_yet_valid'],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, 'tls_wrong_name'],
  [/^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN$|CERT_UNTRUSTED$)/, 'tls_unknown_issuer'],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, 'tls_self_signed'],
  [/^CERT_|^INVALID_|TOO_(SMALL|WEAK)/, 'tls_bad_certificate'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|HTTP_REQUEST/, 'tls_not_spoken'],
  [/CERTIFICATE_REQUIRED|ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+)/, 'tls_client_certificate'],
  [/^ERR_SSL_|^EPROTO$/, 'tls_handshake'],
]

/** Undefined for what is no matter of TLS. */
export function tlsCode(error: unknown): FaultCode | undefined {
  const code = codeOf(error)
  return CODES.find(([pattern]) => pattern.test(code))?.[1]
}
