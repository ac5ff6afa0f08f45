import type { z } from 'zod'
import { FRAMES, type FrameType } from '../../src/protocol/index.ts'
import { SAMPLES } from './samples.ts'

/** A message as it stands on the wire, and what its reader must make of it. */
export interface Golden {
  name: string
  /** Whose message this is. */
  from: 'client' | 'agent' | 'server'
  text: string
  /** The frames read from it before it ends or is refused. */
  frames: number
  /** The close code its sender earns; absent when all is well. */
  close?: number
}

const VIOLATION = 4502

function senderOf(type: FrameType): Golden['from'] {
  const { from } = FRAMES[type]
  return from === 'both' || from === 'client' ? 'agent' : from
}

function good(type: FrameType): Golden {
  return { name: `${type}: a good one`, from: senderOf(type), text: JSON.stringify(SAMPLES[type]), frames: 1 }
}

function bad(type: FrameType, what: string, change: (frame: Record<string, unknown>) => void): Golden {
  const frame = structuredClone(SAMPLES[type]) as Record<string, unknown>
  change(frame)
  return { name: `${type}: ${what}`, from: senderOf(type), text: JSON.stringify(frame), frames: 0, close: VIOLATION }
}

function badOnes(type: FrameType): Golden[] {
  const shape: Record<string, z.ZodType> = FRAMES[type].schema.shape
  const fields = Object.keys(SAMPLES[type]).filter((key) => key !== 'type')
  const required = fields.filter((key) => !shape[key]?.safeParse(undefined).success)
  const unknownKey = bad(type, 'an unknown key', (frame) => {
    frame.surprise = 1
  })
  return [
    ...(type === 'hello' ? [{ ...unknownKey, frames: 1, close: undefined } as unknown as Golden] : [unknownKey]),
    ...required.map((key) => bad(type, `without ${key}`, (frame) => delete frame[key])),
    ...fields
      .filter((key) => key !== 'params' && key !== 'result' && key !== 'data')
      .map((key) =>
        bad(type, `${key} of the wrong type`, (frame) => {
          frame[key] = typeof frame[key] === 'object' ? 7 : { wrong: true }
        }),
      ),
  ]
}

function envelopes(): Golden[] {
  const { receipt, stored } = SAMPLES
  const refused = { from: 'agent', frames: 0, close: VIOLATION } as const
  return [
    { name: 'a batch of two', from: 'agent', text: JSON.stringify([receipt, SAMPLES.gap]), frames: 2 },
    {
      name: 'a batch whose second frame is bad: the first has happened',
      from: 'agent',
      text: JSON.stringify([receipt, { type: 'receipt' }]),
      frames: 1,
      close: VIOLATION,
    },
    { name: 'an empty batch', ...refused, text: '[]' },
    { name: 'no JSON', ...refused, text: '{"type":' },
    { name: 'a string', ...refused, text: '"receipt"' },
    { name: 'null', ...refused, text: 'null' },
    { name: 'an unknown type', ...refused, text: '{"type":"surprise"}' },
    { name: 'no type', ...refused, text: '{"lease":"L7"}' },
    { name: 'a type that is a property of every object', ...refused, text: '{"type":"constructor"}' },
    { name: 'a batch in a batch', ...refused, text: JSON.stringify([[receipt]]) },
    { name: 'a frame of the other direction', ...refused, text: JSON.stringify(stored) },
    {
      name: 'a forbidden key',
      ...refused,
      text: '{"type":"request","id":1,"method":"health","params":{"__proto__":{}}}',
    },
    {
      name: 'a forbidden key, escaped',
      ...refused,
      text: '{"type":"request","id":1,"method":"health","params":{"\\u005f_proto__":{}}}',
    },
  ]
}

/** Every vector: a good frame of each type, each way to break it, and the envelope's own cases. */
export function goldenFrames(): Golden[] {
  const types = Object.keys(SAMPLES) as FrameType[]
  return [...types.map(good), ...types.flatMap(badOnes), ...envelopes()]
}
