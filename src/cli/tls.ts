import type { Log } from '../protocol/index.ts'
import type { Server, TlsOptions } from '../server/index.ts'
import type { Context } from './define.ts'
import { usage } from './errors.ts'
import { text } from './flags.ts'
import { readText } from './read-files.ts'

const heading = 'TLS:'

/** Flags of a command that serves over TLS. */
export const TLS = {
  tlsCert: text('--tls-cert <file>', 'certificate and its chain (PEM); read again on SIGHUP, as the key is', {
    twin: 'DRUMLINE_TLS_CERT',
    completes: 'file',
    heading,
  }),
  tlsKey: text('--tls-key <file>', 'its key (PEM)', { twin: 'DRUMLINE_TLS_KEY', completes: 'file', heading }),
  tlsClientCa: text('--tls-client-ca <file>', 'let in only who shows a certificate of these authorities (PEM) too', {
    twin: 'DRUMLINE_TLS_CLIENT_CA',
    completes: 'file',
    heading,
  }),
}

type Flags = Context<typeof TLS>['flags']

/** Reads the files that the flags name; undefined without them. */
export async function tlsOf({ tlsCert, tlsKey, tlsClientCa }: Flags): Promise<TlsOptions | undefined> {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) throw usage('TLS needs --tls-cert and --tls-key')
  return {
    cert: await readText(tlsCert, `--tls-cert ${tlsCert}`),
    key: await readText(tlsKey, `--tls-key ${tlsKey}`),
    ...(tlsClientCa === undefined ? {} : { clientCa: await readText(tlsClientCa, `--tls-client-ca ${tlsClientCa}`) }),
  }
}

/** Has the server take what the files hold by now. Never rejects: a pair that is no good is said, and the old one goes on. */
export async function reloadTls(server: Server, flags: Flags, log: Log): Promise<void> {
  try {
    const tls = await tlsOf(flags)
    if (tls === undefined) return
    server.reloadTls(tls)
    log.info({}, 'the certificate was read again: whoever connects from now on gets it')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ reason }, 'the new certificate is refused, the old one goes on')
  }
}
