import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, dialClient } from '../client/node.ts'
import type { Context } from './define.ts'
import { CliError, EXIT, usage } from './errors.ts'
import { type Flags, text, textOr, toggle } from './flags.ts'
import { showDuration } from './format.ts'
import { NETWORK, networkOf, warnOfDanger } from './network.ts'
import { readText } from './read-files.ts'

const DEFAULT_URL = 'http://127.0.0.1:7800'
const DEFAULT_DATA = './drumline-data'
/** Scripts may rely on an answer within 10 s. Starting this program counts, and a slow machine takes its time. */
const GIVE_UP_MS = 8_000
const LEAST_TRY_MS = 1_000

/** The same flags everywhere, so they stand apart in each command's help. */
const heading = 'Server and credential:'

const token = text('--token <token>', 'credential; here others can see it in the list of processes', {
  twin: 'DRUMLINE_TOKEN',
  heading,
})
const tokenFile = text('--token-file <path>', 'file that holds the credential', {
  twin: 'DRUMLINE_TOKEN_FILE',
  completes: 'file',
  heading,
})

/** Flags of a command that dials with a credential of its own. */
export const CREDENTIAL = { token, tokenFile }

export const url = textOr('--url <url>', 'where the server is: http(s):// or ws(s)://', DEFAULT_URL, {
  twin: 'DRUMLINE_URL',
  heading,
})
export const data = textOr(
  '--data <dir>',
  'folder of a server on this machine; its admin token is used',
  DEFAULT_DATA,
  {
    twin: 'DRUMLINE_DATA',
    completes: 'folder',
    heading,
  },
)
export const json = toggle('--json', 'print JSON', { twin: 'DRUMLINE_JSON' })

/** Flags of every command that talks to a server. */
export const CONNECT = { url, token, tokenFile, data, json, ...NETWORK }

type CredentialContext = Pick<Context<typeof CREDENTIAL>, 'flags' | 'from'>

/** The credential that was given, or undefined. A flag beats the environment. */
export async function givenToken({ flags, from }: CredentialContext): Promise<string | undefined> {
  if (flags.token === '') throw usage('--token is empty')
  if (from('token') === 'flag' && from('tokenFile') === 'flag') throw usage('give --token or --token-file, not both')
  const file = givenFile({ flags, from })
  return file === undefined ? flags.token : readToken(file)
}

/** The file to take the credential from, if it is not given in another way that goes before. */
export function givenFile({ flags, from }: CredentialContext): string | undefined {
  return from('tokenFile') === 'flag' || flags.token === undefined ? flags.tokenFile : undefined
}

/** The credential that was given, else the admin's of a server on this machine. */
export async function credentialOf(context: Context<typeof CONNECT>): Promise<string> {
  const { url: address, data: folder } = context.flags
  return (await givenToken(context)) ?? (await adminToken(address, folder))
}

/** The same, for whom there is something to do without one, too. */
export async function credentialIfAny(context: Context<typeof CONNECT>): Promise<string | undefined> {
  return credentialOf(context).catch((error: unknown) => {
    if (error instanceof CliError && error.exit === EXIT.refused) return undefined
    throw error
  })
}

/** Where it is said that the server is away, and back. */
export interface Outages {
  /** `why`: undefined once it is back. */
  say: (text: string, why: string | undefined) => void
}

interface Patience {
  readonly giveUpMs?: number
  /** Once there was a connection; default the same. */
  readonly outageMs?: number
}

/** For those who watch: a server that is exchanged or restarted is back within this. */
export const WATCHING: Patience = { outageMs: 300_000 }

/** Connects, does something, and disconnects whatever happens. */
export async function withClient<T>(
  context: Context<typeof CONNECT>,
  use: (client: Client, outages: Outages) => Promise<T>,
  { giveUpMs = GIVE_UP_MS, outageMs }: Patience = {},
): Promise<T> {
  const { world, flags } = context
  checkUrl(flags.url)
  const network = await networkOf(context)
  const credential = await credentialOf(context)
  await warnOfToken(context, flags.json)
  await warnOfDanger(context, flags.json)
  const outages: Outages = { say: (text) => void world.stderr.write(`drumline: ${text}\n`) }
  let tryMs = Math.max(LEAST_TRY_MS, giveUpMs - world.uptimeMs())
  const onOutage = (message: string | undefined) => {
    const text = message === undefined ? 'connected' : `${message}; trying for ${showDuration(tryMs)} more`
    if (!flags.json) outages.say(text, message)
  }
  const lasting = outageMs === undefined ? {} : { outageMs }
  const options = { url: flags.url, token: credential, network, giveUpMs: tryMs, ...lasting, onOutage }
  const client = await dialClient(options).catch((error: unknown) => {
    throw error instanceof TypeError ? usage(error.message) : error
  })
  tryMs = outageMs ?? tryMs
  try {
    return await use(client, outages)
  } finally {
    client.close()
  }
}

/** A token on the command line works, but everyone on the machine can read it. */
export async function warnOfToken<F extends Flags & typeof CREDENTIAL>(
  context: Context<F>,
  quiet: boolean,
): Promise<void> {
  if (quiet || context.from('token') !== 'flag') return
  const advice = 'use DRUMLINE_TOKEN or --token-file'
  await context.world.stderr.write(`drumline: warning: --token can be seen in the list of processes; ${advice}\n`)
}

export function checkUrl(given: string): void {
  const scheme = URL.canParse(given) ? new URL(given).protocol : ''
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(scheme)) {
    throw usage(`--url must be an address such as ${DEFAULT_URL}, not ${JSON.stringify(given)}`)
  }
}

export async function readToken(path: string): Promise<string> {
  const found = (await readText(path, `--token-file ${path}`)).trim()
  if (found === '') throw usage(`--token-file ${path} is empty`)
  return found
}

async function adminToken(address: string, folder: string): Promise<string> {
  const missing = (why: string) =>
    new CliError(EXIT.refused, 'forbidden', `no credential: set DRUMLINE_TOKEN or give --token-file (${why})`)
  if (!isLoopback(new URL(address).hostname)) throw missing('the server is on another machine')
  const file = join(folder, 'admin-token')
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? `there is no ${file}; --data names the server's folder` : undefined
    throw missing(why ?? `cannot read ${file}: ${error.code}`)
  })
  return content.trim()
}

/** Of this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
