import { z } from 'zod'
import {
  CALLS,
  CLOSE,
  closeAction,
  DOOR,
  FEED,
  FLOOD,
  FRAMES,
  LEASE,
  LIVENESS,
  LOGIN,
  LOGS,
  MESSAGE,
  METHODS,
  type Method,
  RECONNECT,
  SEARCH,
  SHAPE,
} from '../../src/protocol/index.ts'

type JsonSchema = Record<string, unknown> & {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  additionalProperties?: JsonSchema | boolean
  description?: string
}

function schemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  }) as JsonSchema
}

/** A schema in one short phrase: `[{lease, phase: running|done}]`. */
function phrase(schema: JsonSchema, depth = 0): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map(String).join('\\|')
  const union = schema.anyOf ?? schema.oneOf
  if (union) return union.map((part) => phrase(part, depth)).join(' or ')
  if (schema.prefixItems) return `[${schema.prefixItems.map((item) => phrase(item, depth + 1)).join(', ')}]`
  if (schema.type === 'array') return `[${phrase(schema.items ?? {}, depth + 1)}]`
  if (schema.properties) return object(schema, depth)
  if (typeof schema.additionalProperties === 'object') return '{name: text}'
  return word(schema)
}

function object(schema: JsonSchema, depth: number): string {
  const entries = Object.entries(schema.properties ?? {})
  if (depth > 1 && entries.length > 4) return '{…}'
  const fields = entries.map(([name, field]) => {
    const mark = schema.required?.includes(name) ? '' : '?'
    return `${name}${mark}: ${phrase(field, depth + 1)}`
  })
  return `{${fields.join(', ')}}`
}

const WORDS: Record<string, string> = { integer: 'int', string: 'text', boolean: 'bool', null: 'null' }

function word({ type, format }: JsonSchema): string {
  if (format === 'date-time') return 'date'
  const types = [type ?? []].flat()
  return types.map((one) => WORDS[one] ?? one).join(' or ') || 'any'
}

/** A section per frame with a row per field. */
export function framesBlock(): string {
  return Object.entries(FRAMES)
    .map(([type, { from, schema }]) => {
      const { properties = {}, required = [] } = schemaOf(schema)
      const rows = Object.entries(properties)
        .filter(([name]) => name !== 'type')
        .map(([name, field]) => {
          const mark = required.includes(name) ? '' : '?'
          return `| \`${name}${mark}\` | ${phrase(field)} | ${field.description ?? ''} |`
        })
      const table = rows.length ? `| field | is | meaning |\n|---|---|---|\n${rows.join('\n')}` : 'No fields.'
      return `#### \`${type}\`, from ${from === 'both' ? 'either' : `the ${from}`}\n\n${table}`
    })
    .join('\n\n')
}

/** One row per method, straight from the table that the server's handlers are typed by. */
export function methodsBlock(): string {
  const rows = Object.entries(METHODS).map(([name, method]: [string, Method]) => {
    const { role, params, result, mutates, whole, values, about } = method
    const who = whole ? `${role}, unscoped` : role
    const writes = mutates ? 'writes' : 'reads'
    return `| \`${name}\` | ${who} | ${writes} | ${phrase(schemaOf(params))} | ${values === 'rich' ? 'rich ' : ''}${phrase(schemaOf(result))} | ${about} |`
  })
  return `| method | who | | params | result | meaning |\n|---|---|---|---|---|---|\n${rows.join('\n')}`
}

export function limitsBlock(): string {
  const groups = { MESSAGE, DOOR, FLOOD, CALLS, LOGS, LIVENESS, RECONNECT, LEASE, FEED, LOGIN, SHAPE, SEARCH }
  const rows = Object.entries(groups).flatMap(([group, values]) =>
    Object.entries(values).map(
      ([name, value]) => `| ${group.toLowerCase()} | \`${name}\` | ${value.toLocaleString('en')} |`,
    ),
  )
  return `| group | name | value |\n|---|---|---|\n${rows.join('\n')}`
}

const ACTIONS = {
  retry: 'reconnect with backoff',
  slow: 'reconnect every 5–10 min',
  suspect: 'reconnect; after three in ten minutes every 5–10 min',
  stop: 'stop',
}

export function closesBlock(): string {
  const rows = Object.entries(CLOSE).map(([name, code]) => `| ${code} | ${name} | ${ACTIONS[closeAction(code)]} |`)
  return `| code | name | a client will |\n|---|---|---|\n${rows.join('\n')}`
}
