import type { Context } from 'hono'
import type { z } from 'zod'
import { BusError, firstProblem, MESSAGE, walkProblem } from '../../protocol/index.ts'
import type { Env } from './call.ts'

/** The body as text. Rejects with `too_large` before more than `most` bytes are kept, with `bad_request` if it is no UTF-8. */
export async function textOf(c: Context<Env>, most: number): Promise<string> {
  const { incoming } = c.env
  if (Number(incoming.headers['content-length'] ?? 0) > most) throw tooLarge(most)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // Left half read, it must stay: the answer still has to go out by the same socket.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length
      if (bytes > most) throw tooLarge(most)
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (error instanceof BusError) throw error
    throw new BusError('canceled', 'the request ended in the middle of its body')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new BusError('bad_request', 'the body is not UTF-8 text')
  }
}

/** The body as JSON of this schema. None at all is `{}`. Whatever the content type says: curl says a form by itself. */
export async function jsonOf<S extends z.ZodType>(c: Context<Env>, schema: S, most: number): Promise<z.output<S>> {
  const text = await textOf(c, most)
  const value = text.trim() === '' ? {} : parse(text)
  const problem = walkProblem(value, MESSAGE.nodes)
  if (problem !== undefined) throw new BusError('bad_request', `the body: ${problem}`)
  const read = schema.safeParse(value)
  if (!read.success) throw new BusError('bad_request', `the body${firstProblem(read.error)}`)
  return read.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BusError('bad_request', 'the body is not JSON')
  }
}

function tooLarge(most: number): BusError {
  return new BusError('too_large', `the body has over ${most} bytes`)
}
