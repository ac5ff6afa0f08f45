import { z } from 'zod'
import { MESSAGE } from '../limits.ts'
import { Id, Labels } from '../names.ts'
import { Duration, Millis } from '../workflow.ts'
import { method, ROLES } from './method.ts'

/** What anybody may ask who was let in, a `visit` of an agent's credential too: who one is, and what the way here is like. */
export const VISITOR_METHODS = {
  whoami: method({
    role: 'any',
    params: z.strictObject({}),
    result: z.strictObject({
      id: Id.describe('Of the credential.'),
      role: z.enum(ROLES),
      name: z.string(),
      labels: Labels.describe('Those that it forces.'),
      expires: Millis.nullable().describe('When the token that was shown ends; null: never.'),
    }),
    mutates: false,
    values: 'plain',
    about: 'The credential that asks.',
  }),
  echo: method({
    role: 'any',
    params: z.strictObject({
      text: z.string().max(MESSAGE.bytes),
      back: z.boolean().optional().describe('False: the answer leaves the text out.'),
      afterMs: Duration.max(10_000).optional().describe('The answer waits; for at most 1,024 characters.'),
    }),
    result: z.strictObject({ text: z.string(), at: Millis.describe('When it was answered, by the server’s clock.') }),
    mutates: false,
    values: 'plain',
    about: 'Gives a text back: what the way here does to large messages, and to an answer that nothing was sent for.',
  }),
} as const
