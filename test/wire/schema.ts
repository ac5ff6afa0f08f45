import { z } from 'zod'
import { FRAMES, METHODS } from '../../src/protocol/index.ts'

/** Dates travel as superjson: an ISO string in `json`, its path in `meta`. The schema shows the `json` part. */
function wireForm(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  })
  return rest
}

/** The JSON Schema of the whole wire: a definition per frame, and per method its params and result. */
export function wireSchema(): Record<string, unknown> {
  const frames = Object.entries(FRAMES).map(([type, { schema }]) => [type, wireForm(schema)])
  const methods = Object.entries(METHODS).flatMap(([name, { params, result }]) => [
    [`${name}.params`, wireForm(params)],
    [`${name}.result`, wireForm(result)],
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'drumline.v1',
    title: 'Drumline wire, version 1',
    description: 'A message is one frame or an array of frames. Params and results of methods are under $defs too.',
    anyOf: [{ $ref: '#/$defs/frame' }, { type: 'array', items: { $ref: '#/$defs/frame' }, maxItems: 256 }],
    $defs: {
      frame: { anyOf: Object.keys(FRAMES).map((type) => ({ $ref: `#/$defs/${type}` })) },
      ...Object.fromEntries([...frames, ...methods]),
    },
  }
}
