import type { IncomingMessage } from 'node:http'
import { DialError } from './dial-error.ts'
import { quoted } from './reason.ts'

/** So much of a page is enough to find its title. */
const MOST = 4096

/** What was answered in place of the upgrade, as an error that says by whom. Never rejects. */
export async function answerOf(url: URL, response: IncomingMessage): Promise<DialError> {
  const { statusCode: status, headers } = response
  const drumline = headers.drumline === '1'
  const who = drumline ? 'Drumline' : 'something between here and there'
  const words = await wordsOf(response)
  const said = words === '' ? '' : `: ${quoted(words)}`
  const retryAfterMs = drumline ? laterMs(headers['retry-after']) : undefined
  return new DialError(`${who} answered ${url} with HTTP ${status}${said}`, { status, drumline, retryAfterMs })
}

/** What a person would read first of what was answered: an error's message, a page's title, or the first line. Never rejects. */
export async function wordsOf(response: IncomingMessage): Promise<string> {
  const text = await readSome(response)
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1]
  return message ?? title ?? (text.includes('<') ? '' : (text.trim().split('\n')[0] ?? ''))
}

async function readSome(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  try {
    for await (const piece of response) {
      text += String(piece)
      if (text.length >= MOST) break
    }
  } catch {
    // Cut off, or given up: what came is what there is.
  }
  return text.slice(0, MOST)
}

/** The header counts whole seconds: those who were told the same one spread over it. */
function laterMs(header: string | undefined): number | undefined {
  return /^\d{1,4}$/.test(header ?? '') ? Math.round((Number(header) + Math.random()) * 1000) : undefined
}
