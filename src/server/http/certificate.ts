import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Log } from '../../protocol/index.ts'
import type { TlsOptions } from '../options.ts'
import { StartError } from '../start-error.ts'

/** What TLS is spoken with. Throws `StartError` for what cannot be; of a date that does not fit it only warns. */
export function readTls({ cert, key, clientCa }: TlsOptions, log: Log): SecureContextOptions {
  const certificate = readCertificate('certificate', cert)
  if (!certificate.checkPrivateKey(readKey(key))) throw refused('the key does not belong to the certificate')
  if (clientCa !== undefined) readCertificate('authority of the clients', clientCa)
  const options = { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }), minVersion: 'TLSv1.2' } as const
  try {
    createSecureContext(options)
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error))
  }
  warnOfDates(certificate, log)
  return options
}

function readCertificate(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw refused(`the ${name} is no PEM that begins with -----BEGIN CERTIFICATE-----`)
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    if (pem.includes('ENCRYPTED')) throw refused('the key is encrypted; take that off with openssl pkey')
    throw refused('the key is no PEM such as -----BEGIN PRIVATE KEY-----')
  }
}

function warnOfDates({ subject, validFrom, validTo }: X509Certificate, log: Log): void {
  const now = Date.now()
  if (Date.parse(validTo) < now) log.warn({ subject, validTo }, 'the certificate has expired: nobody will trust it')
  if (Date.parse(validFrom) > now) log.warn({ subject, validFrom }, 'the certificate is not valid yet')
}

const refused = (why: string): StartError => new StartError('tls_refused', why)
