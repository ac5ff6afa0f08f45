import { z } from 'zod'
import { TOKENS } from '../admission.ts'
import { AuditView, CredentialView } from '../credential.ts'
import { MESSAGE, SHAPE } from '../limits.ts'
import { GivenName, Id, Labels } from '../names.ts'
import { Millis } from '../workflow.ts'
import { method } from './method.ts'

const Nothing = z.strictObject({})
const PageSize = z.int().min(1).max(SHAPE.pageMax).optional()
const Cursor = z.string().max(256)
const Lifetime = z.int().min(TOKENS.lifetimeMin).max(TOKENS.lifetimeMax).nullable().optional()

/** Who may come in, and what they did. The admin's alone. */
export const ADMIN_METHODS = {
  'token.create': method({
    role: 'admin',
    params: z.strictObject({
      role: z.enum(['agent', 'operator', 'viewer']),
      name: GivenName.optional(),
      labels: Labels.optional().describe(
        'Of an agent: forced on it, and asked of its work. Of others: they see and touch only what carries all of them.',
      ),
      expiresMs: Lifetime.describe('From now; null: never. Default: never, of an enrolment an hour.'),
      enrol: z
        .boolean()
        .optional()
        .describe('Of an agent: a token that is good for one `enrol`, and for nothing else.'),
    }),
    result: z.strictObject({ id: Id, token: z.string() }),
    mutates: true,
    values: 'plain',
    about: 'Makes a credential. Its token is shown this once and stored hashed.',
  }),
  'token.list': method({
    role: 'admin',
    params: z.strictObject({ limit: PageSize, after: Cursor.optional() }),
    result: z.strictObject({ tokens: z.array(CredentialView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    room: MESSAGE.bytes,
    about: 'The credentials, oldest first, without their tokens, a page at a time.',
  }),
  'token.rotate': method({
    role: 'admin',
    params: z.strictObject({
      id: Id.describe('`admin`: the admin’s own.'),
      overlapMs: z
        .int()
        .min(0)
        .max(TOKENS.overlapMax)
        .optional()
        .describe(
          'The token before it is good so much longer; 0: it ends at once, the caller’s own 10 s later. Default: a day.',
        ),
      expiresMs: Lifetime.describe('From now; null: never. Default: as long as the one before it was made for.'),
    }),
    result: z.strictObject({ id: Id, token: z.string(), overlap: Millis, expires: Millis.nullable() }),
    mutates: true,
    values: 'plain',
    about: 'Gives a credential another token, also one that has expired. It is shown this once and stored hashed.',
  }),
  'token.revoke': method({
    role: 'admin',
    params: z.strictObject({ id: Id }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'Ends a credential; its open connections are closed with 4501.',
  }),
  audit: method({
    role: 'admin',
    params: z.strictObject({
      since: Millis.optional().describe('Not before this time.'),
      credential: Id.optional().describe('Only of this one.'),
      action: z.string().max(64).optional().describe('Only this: a method, `login` or `connect`.'),
      limit: PageSize,
      before: Cursor.optional(),
    }),
    result: z.strictObject({ entries: z.array(AuditView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    room: MESSAGE.bytes,
    about: 'Who did what, or was refused it, newest first, a page at a time.',
  }),
} as const
