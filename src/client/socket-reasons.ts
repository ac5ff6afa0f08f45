import { BusError } from '../protocol/index.ts'
import { DialError } from '../socket/index.ts'
import { NoDial } from './reasons.ts'
import type { Dial } from './redial.ts'

/** The same dial, whose failures say what they mean for a client. */
export function withReasons(dial: Dial): Dial {
  return async (signal) => {
    try {
      return await dial(signal)
    } catch (error) {
      throw error instanceof DialError ? noDial(error) : error
    }
  }
}

function noDial({ message, status, drumline, lasting, retryAfterMs }: DialError): NoDial {
  if (drumline && (status === 401 || status === 403)) {
    const text = `the server refused the credential (HTTP ${status})`
    return new NoDial(new BusError('forbidden', text, { retry: 'reauth' }), 'never')
  }
  const when = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new NoDial(new BusError('unavailable', message, when), lasting ? 'mended' : 'soon')
}
