import fc from 'fast-check'
import { z } from 'zod'
import {
  FRAMES,
  type Frame,
  type FrameType,
  LOG_KINDS,
  MESSAGE,
  METHODS,
  type MethodName,
} from '../../src/protocol/index.ts'
import { walkProblem } from '../../src/protocol/walk.ts'

/** Values a schema accepts, drawn from the schema itself, so that a new frame or field is tested without a word here. */
export function arbitraryOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return draw(schema, 0).filter((value) => schema.safeParse(value).success)
}

/** The same before anything that a schema asks beyond its shapes: it may refuse them. */
export function shapedLike(schema: z.ZodType): fc.Arbitrary<unknown> {
  return draw(schema, 0)
}

function draw(schema: z.ZodType, depth: number): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) return drawObject(schema, depth)
  if (schema instanceof z.ZodArray) {
    const most = depth > 3 ? 1 : 3
    return fc.array(draw(inner(schema.element), depth + 1), { minLength: 1, maxLength: most })
  }
  if (schema instanceof z.ZodRecord) {
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/), draw(inner(schema.valueType), depth + 1), {
      maxKeys: 3,
    })
  }
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((option) => draw(inner(option), depth + 1)))
  if (schema instanceof z.ZodTuple) return fc.tuple(...schema.def.items.map((item) => draw(inner(item), depth + 1)))
  if (schema instanceof z.ZodNullable) return fc.option(draw(inner(schema.unwrap()), depth))
  if (schema instanceof z.ZodOptional) return draw(inner(schema.unwrap()), depth)
  return drawLeaf(schema)
}

function drawObject(schema: z.ZodObject, depth: number): fc.Arbitrary<unknown> {
  const keys = Object.entries(schema.shape).map(([key, part]) => [key, inner(part)] as const)
  const required = keys.filter(([, part]) => !(part instanceof z.ZodOptional)).map(([key]) => key)
  const model = Object.fromEntries(keys.map(([key, part]) => [key, draw(part, depth + 1)]))
  return fc.record(model, { requiredKeys: required })
}

function drawLeaf(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue } = schema
    return fc.integer({ min: Math.max(minValue ?? 0, -1e9), max: Math.min(maxValue ?? 1e9, 1e9) })
  }
  if (schema instanceof z.ZodDate)
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
  if (schema instanceof z.ZodString) {
    const free = (schema.def.checks ?? []).every((check) => check._zod.def.check !== 'string_format')
    return free ? fc.string({ maxLength: 12, unit: 'binary' }) : fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/)
  }
  return wireValue
}

/** What a frame may carry where its schema leaves it open; a name like `__proto__` closes the socket. */
const wireValue = fc.jsonValue({ maxDepth: 3 }).filter((value) => walkProblem(value, MESSAGE.nodes) === undefined)

function inner(part: unknown): z.ZodType {
  if (part instanceof z.ZodType) return part
  throw new Error('a schema of a kind this generator does not know')
}

const line = fc.string({ maxLength: 20, unit: 'binary' }).map((text) => text.replaceAll('\n', ' '))

/** A log frame whose text and runs agree. */
const logFrame = fc
  .array(fc.tuple(fc.array(line, { minLength: 1, maxLength: 4 }), fc.nat(), fc.constantFrom(...LOG_KINDS)), {
    minLength: 1,
    maxLength: 5,
  })
  .map((groups) => ({
    type: 'log',
    lease: 'lease-1',
    stepId: 'step-1',
    from: 1,
    text: groups.flatMap(([lines]) => lines.map((text) => `${text}\n`)).join(''),
    runs: groups.map(([lines, ms, kind]) => [lines.length, ms, kind]),
  }))

export function frameOf(type: FrameType): fc.Arbitrary<Frame> {
  if (type === 'log') return logFrame as fc.Arbitrary<Frame>
  if (type === 'event') return eventFrame as fc.Arbitrary<Frame>
  return arbitraryOf(FRAMES[type].schema) as fc.Arbitrary<Frame>
}

const eventFrame = fc.record({
  type: fc.constant('event'),
  subscription: fc.constant('s'),
  offset: fc.nat(),
  data: arbitraryOf(inner(METHODS.subscribe.result.shape.page.element)),
})

export const FRAME_TYPES = Object.keys(FRAMES) as FrameType[]
export const METHOD_NAMES = Object.keys(METHODS) as MethodName[]
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(...FRAME_TYPES.map(frameOf))
