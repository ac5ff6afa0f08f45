import { keepOwnToken, newOwnToken, type OwnToken, ownToken } from '../agent/index.ts'
import { dialClient, type Network } from '../client/node.ts'
import { BusError, type Log } from '../protocol/index.ts'
import { CliError, EXIT } from './errors.ts'

interface Enrolment {
  readonly url: string
  readonly network: Network
  /** `dre_…`, good for one exchange. */
  readonly token: string
  /** The agent's own folder, which nobody else has open. */
  readonly directory: string
  /** Of the agent. */
  readonly name: string
  readonly log: Log
}

export function isEnrolment(token: string): boolean {
  return token.startsWith('dre_')
}

/**
 * Exchanges an enrolment token for a credential of one's own, whose token is made here and on disk before the server hears
 * of it: killed at any moment, the next start asks again for the same, and is answered the same. Waits for a server.
 */
export async function enrolled(enrolment: Enrolment): Promise<string> {
  const { directory } = enrolment
  const own = (await ownToken(directory)) ?? (await newOwnToken(directory))
  if (own.enrolled) return own.token
  const token = await exchanged(enrolment, own)
  await keepOwnToken(directory)
  return token
}

async function exchanged(enrolment: Enrolment, own: OwnToken): Promise<string> {
  try {
    await exchange(enrolment, own.token)
    return own.token
  } catch (error) {
    if (!isKnown(error)) throw refusal(error)
  }
  // The one begun with another enrolment token, whose answer was lost long ago.
  const { token } = await newOwnToken(enrolment.directory)
  await exchange(enrolment, token).catch((error: unknown) => {
    throw refusal(error)
  })
  return token
}

async function exchange({ url, network, token, name, log }: Enrolment, own: string): Promise<void> {
  const onOutage = (message: string | undefined) => {
    if (message === undefined) log.info({ url }, 'connected')
    else log.warn({ url }, `cannot enrol yet: ${message}; trying again until there is a server`)
  }
  const client = await dialClient({ url, token, network, giveUpMs: Number.POSITIVE_INFINITY, onOutage })
  try {
    const { id } = await client.call('enrol', { token: own, name })
    log.info({ credential: id, name }, 'enrolled')
  } finally {
    client.close()
  }
}

function isKnown(error: unknown): boolean {
  return error instanceof BusError && error.code === 'bad_request' && error.retry === 'reauth'
}

function refusal(error: unknown): unknown {
  if (!(error instanceof BusError)) return error
  const why = error.code === 'forbidden' ? 'it is unknown, used up or has expired; make another one' : error.message
  return new CliError(EXIT.refused, error.code, `the server refuses the enrolment token: ${why}`)
}
