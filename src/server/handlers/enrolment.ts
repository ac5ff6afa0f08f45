import type { ENROLMENT_METHODS } from '../../protocol/index.ts'
import { type Handlers, theirStore } from '../context.ts'
import { tokenHash } from '../tokens.ts'

/** A machine becomes an agent: with the token that it has made itself. */
export const ENROLMENT_HANDLERS: Handlers<keyof typeof ENROLMENT_METHODS> = {
  enrol: (context, { name, token }) =>
    theirStore(context).enrol(context.credential.id, { name, tokenHash: tokenHash(token) }),
}
