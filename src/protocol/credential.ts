import { z } from 'zod'
import { ROLES } from './methods/method.ts'
import { Labels } from './names.ts'

/** How a credential stands. `used`: an enrolment token that was exchanged. */
export const CREDENTIAL_STATES = ['valid', 'expired', 'revoked', 'used'] as const

/** A credential, without its token. */
export const CredentialView = z.strictObject({
  /** For `token.revoke` and `token.rotate`. */
  id: z.string(),
  /** What it may do. */
  role: z.enum(ROLES),
  /** For people. */
  name: z.string(),
  /** Of an agent: forced on whoever uses it. Of an operator or viewer: its scope. */
  labels: Labels,
  /** How it stands. */
  state: z.enum(CREDENTIAL_STATES),
  /** When it was made. */
  created: z.date(),
  /** When its newest token ends; null: never. */
  expires: z.date().nullable(),
  /** Until when a token before that is good too; null if none is. */
  overlap: z.date().nullable(),
  /** When it was ended; null while it was not. */
  revoked: z.date().nullable(),
  /** Null if never, as far as was noted. */
  lastUsed: z.date().nullable(),
  /** Of an enrolment: the credential that it was exchanged for. */
  enrolled: z.string().nullable(),
})
export type CredentialView = z.infer<typeof CredentialView>

/** Something that somebody did, or was refused. */
export const AuditView = z.strictObject({
  /** When. */
  at: z.date(),
  /** Of whom; null: of the server itself. */
  credential: z.string().nullable(),
  /** The credential’s name at that time; clipped. */
  name: z.string(),
  /** Its role; `server`: the server itself. */
  role: z.enum([...ROLES, 'server']),
  /** Where it came from; empty: from the server’s own process. */
  address: z.string(),
  /** A method, or what is none: `login`, `connect`. */
  action: z.string(),
  /** Ids of what it was done to. */
  subjects: z.array(z.string()),
  /** `ok`, or why it was refused: the code of the error, `revoked`, `expired`. */
  outcome: z.string(),
  /** How often, if the same was refused again and again. */
  times: z.int(),
  /** The last time, if more than once. */
  until: z.date().nullable(),
})
export type AuditView = z.infer<typeof AuditView>
