import { pino } from 'pino'
import type { Log } from '../protocol/index.ts'
import { printable } from './format.ts'
import type { World } from './world.ts'

/** We log `{ error }`; pino by itself would show an Error only under `err`. */
const JSON_OPTIONS = { serializers: { error: pino.stdSerializers.err } }

/** Logs go to stderr: for a person as lines, for a collector as pino's JSON. */
export function logFor(world: World): Log {
  return world.stderr.isTerminal ? new Lines(world) : pino(JSON_OPTIONS, pino.destination({ fd: 2, sync: true }))
}

class Lines implements Log {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  info(fields: object, text: string): void {
    this.#line('', fields, text)
  }

  warn(fields: object, text: string): void {
    this.#line('warning: ', fields, text)
  }

  error(fields: object, text: string): void {
    this.#line('error: ', fields, text)
  }

  #line(level: string, fields: object, text: string): void {
    const time = new Date().toTimeString().slice(0, 8)
    const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${printable(show(value))}`)
    void this.#world.stderr.write(`${time} ${level}${printable(text)}${shown.join('')}\n`)
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return value.message
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
