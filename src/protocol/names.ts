import { z } from 'zod'
import { SHAPE } from './limits.ts'

/** Keys that would reach an object's prototype. Refused wherever a peer or a user chooses a key. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const notForbidden = (name: string): boolean => !FORBIDDEN_KEYS.has(name)
const FORBIDDEN = 'must not be __proto__, constructor or prototype'

/** A label's key: letters, digits and `. _ / -`; on an agent a leading `!` makes the label required. */
export const LabelKey = z
  .string()
  .max(SHAPE.labelChars)
  .regex(/^!?[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'must be letters, digits and . _ / -')
  .refine(notForbidden, FORBIDDEN)

/** A name of the environment or of a secret, as a shell can hold it. */
export const VariableName = z
  .string()
  .max(SHAPE.nameChars)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and _, not starting with a digit')
  .refine(notForbidden, FORBIDDEN)

/** A name that people gave: printable, without line breaks. */
export const GivenName = z
  .string()
  .min(1)
  .max(SHAPE.nameChars)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'must be printable, on one line')
  .refine(notForbidden, FORBIDDEN)

/** An identifier that a peer made: workflow, lease, boot, step, subscription. */
export const Id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_.:/-]+$/, 'must be letters, digits and _ . : / -')

const text = (most: number) => z.string().max(most)

/** `k → v`, however many: what an agent says of itself, and what it is given besides. */
export const AllLabels = z.record(LabelKey, text(SHAPE.labelChars))

/** `k → v`, at most 64; values may be empty. */
export const Labels = AllLabels.refine(
  (labels) => Object.keys(labels).length <= SHAPE.labels,
  `must be at most ${SHAPE.labels} labels`,
)
export type Labels = z.infer<typeof Labels>

/** `NAME → value`, at most 256. */
export const Environment = z
  .record(VariableName, text(SHAPE.environmentBytes))
  .refine((map) => Object.keys(map).length <= SHAPE.environment, `must be at most ${SHAPE.environment} variables`)
export type Environment = z.infer<typeof Environment>

/** Of one attempt: whoever names it may write. */
export const Lease = Id.describe('Names the attempt.')
