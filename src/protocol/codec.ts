import { fitsBytes } from './bytes.ts'
import { CLOSE } from './closes.ts'
import { CloseError } from './errors.ts'
import { isLog, isRequest, isResponse } from './fast.ts'
import { feedText } from './feed-text.ts'
import { FRAMES, type Frame, type FrameType, type Sender } from './frames.ts'
import { firstProblem } from './issues.ts'
import { MESSAGE } from './limits.ts'
import { readRich } from './rich.ts'
import { FeedData } from './views.ts'
import { walkProblem } from './walk.ts'

/** Whose frames an end accepts. `client` is an operator or a page, `agent` a client that said so in its hello. */
export type Receives = 'client' | 'agent' | 'server'

/** What an end accepts. */
export interface DecodeOptions {
  /** Whose frames. */
  readonly receives: Receives
  /** UTF-8 bytes of one message. */
  readonly maxBytes: number
}

/** Every frame's row. Looked up in a Map: a type like `constructor` must find nothing. */
const ROWS: ReadonlyMap<unknown, (typeof FRAMES)[FrameType]> = new Map(Object.entries(FRAMES))

const SENDERS: Record<Receives, ReadonlySet<Sender>> = {
  client: new Set<Sender>(['client', 'both']),
  agent: new Set<Sender>(['client', 'agent', 'both']),
  server: new Set<Sender>(['server', 'both']),
}

/** The JSON text of one frame. Throws what `JSON.stringify` throws on values that are no JSON. */
export function frameText(frame: Frame): string {
  if (frame.type !== 'event') return JSON.stringify(frame)
  const { subscription, offset, data } = frame
  return `{"type":"event","subscription":${JSON.stringify(subscription)},"offset":${offset},"data":${feedText(data)}}`
}

/** One message: a frame alone, or a batch. */
export function encode(frames: readonly Frame[]): string {
  return joinFrames(frames.map(frameText))
}

/** One message of frames that are text already. */
export function joinFrames(texts: readonly string[]): string {
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : `[${texts.join(',')}]`
}

/**
 * Takes a message apart, frame by frame. A batch is only framing: the frames before a bad one have happened. Throws a
 * `CloseError` and nothing else of its own; what `onFrame` throws passes through.
 */
export function decodeEach(text: string, options: DecodeOptions, onFrame: (frame: Frame) => void): void {
  if (!fitsBytes(text, options.maxBytes)) throw new CloseError(CLOSE.tooBig, `a message over ${options.maxBytes} bytes`)
  const message = parse(text)
  if (!Array.isArray(message)) {
    onFrame(readFrame(message, options.receives))
    return
  }
  if (message.length === 0) throw new CloseError(CLOSE.violation, 'an empty batch')
  if (message.length > MESSAGE.frames) throw new CloseError(CLOSE.violation, `a batch over ${MESSAGE.frames} frames`)
  for (const value of message) onFrame(readFrame(value, options.receives))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CloseError(CLOSE.violation, 'not JSON')
  }
}

/** Checks one parsed frame. The hot ones first, by hand, as strictly as by their schemas. */
export function readFrame(value: unknown, receives: Receives): Frame {
  const type = typeOf(value)
  const row = ROWS.get(type)
  if (row === undefined) throw new CloseError(CLOSE.violation, 'a frame of no known type')
  if (!SENDERS[receives].has(row.from)) {
    throw new CloseError(CLOSE.violation, `a ${type} frame is not yours to send`)
  }
  if (type === 'log' && isLog(value)) return value
  const nodes = type === 'hello' || type === 'welcome' ? MESSAGE.helloNodes : MESSAGE.nodes
  const problem = walkProblem(value, nodes)
  if (problem !== undefined) throw new CloseError(CLOSE.violation, `${type}: ${problem}`)
  if (type === 'request' ? isRequest(value) : type === 'response' && isResponse(value)) return value as Frame
  return readBySchema(value, row.schema)
}

/** The slow path, which says what is wrong. */
export function readBySchema(value: unknown, schema: (typeof FRAMES)[FrameType]['schema']): Frame {
  const read = schema.safeParse(value)
  if (!read.success) throw new CloseError(CLOSE.violation, `${typeOf(value)}${firstProblem(read.error)}`)
  if (read.data.type !== 'event') return read.data
  const data = FeedData.safeParse(readRich(read.data.data))
  if (!data.success) throw new CloseError(CLOSE.violation, `event.data${firstProblem(data.error)}`)
  return { ...read.data, data: data.data }
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
}
