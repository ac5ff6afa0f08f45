import { z } from 'zod'
import { GivenName, Id } from '../names.ts'
import { method } from './method.ts'

/** What a machine may ask that is yet to become an agent. */
export const ENROLMENT_METHODS = {
  enrol: method({
    role: 'enrolment',
    params: z.strictObject({
      token: z
        .string()
        .regex(/^drl_[\w-]{43}$/, 'must be `drl_` and 32 random bytes in base64url')
        .describe('Made by the agent, and on its disk before it asks.'),
      name: GivenName.describe('Of the agent.'),
    }),
    result: z.strictObject({ id: Id.describe('Of the credential that its token is good for from now on.') }),
    mutates: true,
    values: 'plain',
    about: 'Exchanges an enrolment token for a credential. The same pair again is the same answer, for a day.',
  }),
} as const
