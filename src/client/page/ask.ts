import { BusError, CLOSE, type ErrorCode } from '../../protocol/index.ts'
import { NoDial } from '../reasons.ts'
import { addressIn, type Fetch, type Page } from './page.ts'

interface Ask {
  body?: unknown
  signal?: AbortSignal
}

type Answer = Awaited<ReturnType<Fetch>>

const ownFetch: Fetch = (url, init) => globalThis.fetch(url, init)

/** Asks the page's server. Rejects with `NoDial` that holds what the server said, or that there was no answer. */
export async function ask(
  page: Page,
  method: 'GET' | 'POST',
  path: string,
  { body, signal }: Ask = {},
): Promise<unknown> {
  const { fetch = ownFetch } = page
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const given = { ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }), ...(signal && { signal }) }
  const address = addressIn(page, path)
  let answer: Answer
  try {
    answer = await fetch(address, { method, headers, redirect: 'error', ...given })
    if (answer.ok) return await answer.json()
  } catch (error) {
    throw new NoDial(new BusError('unavailable', wordsOf(error, signal)))
  }
  throw await refusal(answer)
}

/** Only what Drumline itself says is final: a proxy on the way may say anything while its server is away. */
async function refusal(answer: Answer): Promise<NoDial> {
  const { status, headers } = answer
  if (headers.get('drumline') !== '1') {
    return new NoDial(new BusError('unavailable', `something between here and Drumline answered with HTTP ${status}`))
  }
  const { code, message } = await said(answer)
  if (status === 401)
    return new NoDial(new BusError('forbidden', message, { retry: 'reauth' }), 'never', CLOSE.loginExpired)
  if (status === 400 || status === 403) return new NoDial(new BusError(code, message, { retry: 'never' }), 'never')
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const when = Number.isFinite(seconds) ? { retryAfterMs: Math.round((seconds + Math.random()) * 1000) } : {}
  return new NoDial(new BusError(code, message, { retry: 'later', ...when }))
}

async function said(answer: Answer): Promise<{ code: ErrorCode; message: string }> {
  const unclear = { code: 'unavailable' as const, message: `the server answered with HTTP ${answer.status}` }
  try {
    return { ...unclear, ...((await answer.json()) as { error?: { code: ErrorCode; message: string } }).error }
  } catch {
    return unclear
  }
}

/** Why there is no answer, no browser says: it writes it to its console. */
function wordsOf(error: unknown, signal: AbortSignal | undefined): string {
  if (error instanceof SyntaxError) return 'something between here and Drumline answered, and not with JSON'
  return signal?.aborted ? 'the server did not answer in time' : 'the server cannot be reached'
}
