import type { z } from 'zod'
import { clip } from './errors.ts'

const PATH_CHARS = 120

/**
 * The first thing a schema found wrong, as `.path.to: why`, short enough for an error's message. Never the whole of zod's
 * report: that can be larger than what it reports on.
 */
export function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return ': invalid'
  const path = issue.path.map((key) => `.${String(key)}`).join('')
  return clip(`${path.length > PATH_CHARS ? `${path.slice(0, PATH_CHARS)}…` : path}: ${issue.message}`)
}
