import superjson, { type SuperJSONResult } from 'superjson'
import type { z } from 'zod'
import { CLOSE } from './closes.ts'
import { CloseError } from './errors.ts'
import { MESSAGE } from './limits.ts'
import { isPlain } from './plain.ts'

/**
 * Values that may hold `Date`, `bigint` or `undefined` travel as superjson's `{json, meta?}`. What superjson could make
 * beyond these (expressions, typed arrays, classes, shared references) is refused before superjson sees it.
 */

const LEAVES: ReadonlySet<unknown> = new Set(['Date', 'undefined', 'bigint'])
const BIGINT = new RegExp(`^-?\\d{1,${MESSAGE.bigintDigits}}$`)

/** The JSON text of a value as it travels. With a schema that is plain JSON, superjson's walk is left out. */
export function richText(value: unknown, schema?: z.ZodType): string {
  if (schema !== undefined && isPlain(schema)) return `{"json":${JSON.stringify(value)}}`
  const { json, meta } = superjson.serialize(value)
  // Only values: that two places hold the same object is no business of the other end.
  const values = meta?.values
  if (values === undefined) return `{"json":${JSON.stringify(json)}}`
  const rich = { json, meta: { values, v: 1 } }
  const problem = metaProblem(rich.json, rich.meta)
  if (problem !== undefined) throw new TypeError(`not for the wire: ${problem}`)
  return JSON.stringify(rich)
}

/** Takes `{json, meta?}` apart, in place. Throws a `CloseError` on anything but the allowed. */
export function readRich(data: unknown): unknown {
  const problem = richProblem(data)
  if (problem !== undefined) throw new CloseError(CLOSE.violation, `superjson: ${problem}`)
  const rich = data as SuperJSONResult
  return rich.meta === undefined ? rich.json : superjson.deserialize(rich, { inPlace: true })
}

function richProblem(data: unknown): string | undefined {
  if (!isObject(data)) return 'not an object'
  for (const key in data) if (key !== 'json' && key !== 'meta') return 'a key beside json and meta'
  if (!Object.hasOwn(data, 'json')) return 'json is missing'
  return Object.hasOwn(data, 'meta') ? metaProblem(data.json, data.meta) : undefined
}

function metaProblem(json: unknown, meta: unknown): string | undefined {
  if (!isObject(meta)) return 'meta is not an object'
  for (const key in meta) if (key !== 'values' && key !== 'v') return 'a key in meta beside values and v'
  if (meta.v !== 1) return 'meta.v is not 1'
  const { values } = meta
  if (Array.isArray(values)) return leafProblem(json, values)
  if (!isObject(values)) return 'meta.values is not an object'
  let entries = 0
  for (const path in values) {
    if (++entries > MESSAGE.metaEntries) return 'too many entries in meta'
    const problem = entryProblem(json, path, values[path])
    if (problem !== undefined) return problem
  }
  return undefined
}

function entryProblem(json: unknown, path: string, type: unknown): string | undefined {
  const keys = parsePath(path)
  if (keys === undefined) return 'a path in meta is malformed'
  let at = json
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return 'a path in meta leads nowhere'
    // An array owns `length` too: only its items are values.
    if (Array.isArray(at) && !isIndex(key)) return 'a path in meta leads nowhere'
    at = (at as Record<string, unknown>)[key]
  }
  return leafProblem(at, type)
}

function leafProblem(value: unknown, type: unknown): string | undefined {
  if (!Array.isArray(type) || type.length !== 1 || !LEAVES.has(type[0])) return 'a type in meta is not allowed'
  if (type[0] === 'undefined') return value === null ? undefined : 'undefined is not null'
  if (typeof value !== 'string') return `${type[0]} is not a string`
  if (type[0] === 'bigint') return BIGINT.test(value) ? undefined : 'bigint has too many digits or none'
  return value.length <= 32 && !Number.isNaN(Date.parse(value)) ? undefined : 'Date is not a date'
}

/** superjson's paths: keys joined by dots; `\.` and `\\` stand for themselves. */
function parsePath(path: string): string[] | undefined {
  if (!path.includes('\\')) return path.split('.')
  const keys: string[] = []
  let key = ''
  for (let at = 0; at < path.length; at++) {
    const char = path[at]
    if (char === '.') {
      keys.push(key)
      key = ''
    } else if (char === '\\') {
      const escaped = path[++at]
      if (escaped !== '\\' && escaped !== '.') return undefined
      key += escaped
    } else key += char
  }
  keys.push(key)
  return keys
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
