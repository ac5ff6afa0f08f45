import { BusError, type ErrorDetail } from '../protocol/index.ts'
import type { World } from './world.ts'

/** What the process says to a script. */
export const EXIT = {
  ok: 0,
  /** The workflow failed, or was skipped, or could not be run. */
  failed: 1,
  /** Wrong usage, or a file that is not valid. */
  usage: 2,
  canceled: 3,
  /** The server cannot be reached, refuses, or does not know the id. */
  refused: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const

/** The same for every command; some have more to say. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, 'success'],
  [EXIT.failed, 'the workflow failed, was skipped, or could not be run'],
  [EXIT.usage, 'wrong usage, or a file that is not valid'],
  [EXIT.canceled, 'the workflow was canceled'],
  [EXIT.refused, 'the server cannot be reached, refuses, or does not know the id'],
  [EXIT.interrupted, 'Ctrl-C'],
]

/** Ends a command with a code and a sentence. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exit: number
  readonly code: string
  readonly details: readonly ErrorDetail[]

  constructor(exit: number, code: string, message: string, details: readonly ErrorDetail[] = []) {
    super(message)
    this.exit = exit
    this.code = code
    this.details = details
  }
}

export function usage(message: string): CliError {
  return new CliError(EXIT.usage, 'bad_request', message)
}

/** Any error as one that says how to end. What nobody foresaw is a bug, and says so without its stack. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (error instanceof BusError) {
    const wrong = error.code === 'bad_request' || error.code === 'too_large'
    const exit = wrong ? EXIT.usage : EXIT.refused
    return new CliError(exit, error.code, error.message, error.details ?? [])
  }
  const message = error instanceof Error ? error.message : String(error)
  return new CliError(EXIT.failed, 'internal', `this should not have happened: ${message}`)
}

/** Says an error on stderr: a line or two, or an object; of a wrong file, a line for each mistake. */
export async function report(world: World, error: CliError, json: boolean): Promise<void> {
  const { code, message, details } = error
  if (json) {
    const body = details.length > 0 ? { code, message, details } : { code, message }
    await world.stderr.write(`${JSON.stringify({ error: body })}\n`)
    return
  }
  const lines = details.map((detail) => place(detail) + detail.message)
  await world.stderr.write(lines.length > 0 ? `${lines.join('\n')}\n` : `drumline: ${message}\n`)
}

function place({ file, line, column }: ErrorDetail): string {
  const parts = [file, line, column].filter((part) => part !== undefined)
  return parts.length > 0 ? `${parts.join(':')}: ` : ''
}
