import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Network } from '../client/node.ts'
import type { Context } from './define.ts'
import { usage } from './errors.ts'
import { type Flags, text, toggle } from './flags.ts'
import { readText } from './read-files.ts'

const heading = 'Network:'

/** Flags of every command that dials: whom to trust, what to show them, and the way there. */
export const NETWORK = {
  ca: text('--ca <file>', 'certificates (PEM) of authorities to trust beside those of this machine', {
    twin: 'DRUMLINE_CA',
    completes: 'file',
    heading,
  }),
  clientCert: text('--client-cert <file>', 'certificate (PEM) to show a server that asks for one', {
    twin: 'DRUMLINE_CLIENT_CERT',
    completes: 'file',
    heading,
  }),
  clientKey: text('--client-key <file>', 'its key (PEM)', {
    twin: 'DRUMLINE_CLIENT_KEY',
    completes: 'file',
    heading,
  }),
  proxy: text('--proxy <url>', 'forward proxy, or none; default as HTTPS_PROXY and NO_PROXY say', {
    twin: 'DRUMLINE_PROXY',
    heading,
  }),
  skipVerify: toggle('--danger-skip-tls-verification', 'trust whoever answers, who then has the credential', {
    twin: 'DRUMLINE_DANGER_SKIP_TLS_VERIFICATION',
    heading,
  }),
}

type NetworkContext = Pick<Context<typeof NETWORK>, 'flags' | 'world'>

/** Reads the files that the flags name. A file that is no good is wrong usage, said in one line. */
export async function networkOf({ flags, world }: NetworkContext): Promise<Network> {
  const { ca, clientCert, clientKey, proxy, skipVerify } = flags
  return {
    env: world.env,
    skipVerify,
    ...(proxy === undefined ? {} : { proxy }),
    ...(ca === undefined ? {} : { ca: await readCertificates(ca, '--ca') }),
    ...(await identity(clientCert, clientKey)),
  }
}

/** What is switched off must not be forgotten. */
export async function warnOfDanger<F extends Flags & typeof NETWORK>(
  context: Context<F>,
  quiet: boolean,
): Promise<void> {
  if (quiet || !context.flags.skipVerify) return
  const text = 'the server is not verified: whoever answers gets the credential (--danger-skip-tls-verification)'
  await context.world.stderr.write(`drumline: warning: ${text}\n`)
}

async function identity(certFile?: string, keyFile?: string): Promise<Pick<Network, 'cert' | 'key'>> {
  if (certFile === undefined && keyFile === undefined) return {}
  if (certFile === undefined || keyFile === undefined) throw usage('--client-cert and --client-key go together')
  const cert = await readCertificates(certFile, '--client-cert')
  const key = await readText(keyFile, `--client-key ${keyFile}`)
  if (!new X509Certificate(cert).checkPrivateKey(privateKey(key, keyFile)))
    throw usage(`--client-key ${keyFile} does not belong to the certificate ${certFile}`)
  return { cert, key }
}

function privateKey(key: string, file: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(key)
  } catch (error) {
    const encrypted = (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE'
    const why = encrypted ? 'the key is encrypted; `openssl pkey` takes that off' : 'there is no key (PEM) in it'
    throw usage(`cannot use --client-key ${file}: ${why}`)
  }
}

async function readCertificates(file: string, flag: string): Promise<string> {
  const pem = await readText(file, `${flag} ${file}`)
  try {
    for (const [one] of pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g))
      new X509Certificate(one)
    new X509Certificate(pem)
    return pem
  } catch {
    throw usage(`cannot use ${flag} ${file}: there is no certificate (PEM) in it, or a broken one`)
  }
}
