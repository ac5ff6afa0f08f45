import { z } from 'zod'

const known = new WeakMap<z.ZodType, boolean>()

/**
 * Whether every value of a schema is plain JSON, so that superjson would find nothing to note. Answers false for what it
 * does not know: that only costs the walk.
 */
export function isPlain(schema: z.ZodType): boolean {
  const answer = known.get(schema)
  if (answer !== undefined) return answer
  const plain = look(schema)
  known.set(schema, plain)
  return plain
}

function look(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodString || schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum) return true
  if (schema instanceof z.ZodNumber) return schema.def.checks?.some(isInt) === true || schema.format === 'safeint'
  if (schema instanceof z.ZodNull) return true
  if (schema instanceof z.ZodLiteral)
    return [...schema.values].every((value) => ['string', 'boolean'].includes(typeof value))
  return parts(schema)?.every((part) => part instanceof z.ZodType && isPlain(part)) === true
}

/** A number that may be NaN, infinite or −0 is not plain; an integer is, but for −0, which JSON loses too. */
function isInt(check: z.core.$ZodCheck<never>): boolean {
  return check._zod.def.check === 'number_format'
}

function parts(schema: z.ZodType): readonly unknown[] | undefined {
  if (schema instanceof z.ZodObject) return Object.values(schema.shape)
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  if (schema instanceof z.ZodUnion) return schema.options
  if (schema instanceof z.ZodTuple) return schema.def.items
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return [schema.unwrap()]
  return undefined
}
