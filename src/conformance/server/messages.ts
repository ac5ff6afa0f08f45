import { CLOSE, MESSAGE } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import type { Wire } from '../wire.ts'
import { endsWith } from './handshake.ts'
import type { Play } from './play.ts'

const request = (id: number, method: string, params: unknown) => ({ type: 'request', id, method, params })
const asking = (params: string) => `{"type":"request","id":1,"method":"health","params":${params}}`
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

const BROKEN: Readonly<Record<string, string>> = {
  'no JSON': '{"type":',
  'a string': '"hello"',
  'no type': '{"id":1}',
  'an unknown type': '{"type":"surprise"}',
  'a type that every object has': '{"type":"constructor"}',
  'a missing field': '{"type":"receipt","lease":"L1"}',
  'an unknown key': '{"type":"abort","id":1,"surprise":1}',
  'a field of the wrong type': '{"type":"abort","id":"1"}',
  'a frame of the server': '{"type":"stored","lease":"L1","stepId":"s1","upto":1}',
  'a batch in a batch': '[[{"type":"abort","id":1}]]',
}

const OUT_OF_BOUNDS: Readonly<Record<string, string>> = {
  __proto__: asking('{"__proto__":{"admin":true}}'),
  '__proto__, escaped': asking('{"\\u005f_proto__":1}'),
  'constructor.prototype': asking('{"constructor":{"prototype":{}}}'),
  'a forbidden key deep in a list': asking('[[{"a":[{"prototype":1}]}]]'),
  'nesting of 1,000': asking(nested(1000)),
  'nesting of 100,000': asking(nested(100_000)),
  '50,000 values': asking(`[${Array(50_000).fill(0)}]`),
}

/** Each text on a connection of its own. */
async function eachEnds(play: Play, texts: Readonly<Record<string, string>>): Promise<string> {
  await Promise.all(
    Object.entries(texts).map(async ([what, text]) => {
      const { wire } = await play.agent()
      wire.port.send(text)
      await endsWith(wire, CLOSE.violation, what)
    }),
  )
  return `4502 for each of ${Object.keys(texts).join(', ')}`
}

function answered(wire: Wire, id: number): boolean {
  return wire.heard.some((frame) => frame.type === 'response' && frame.id === id)
}

/** What a message may be. */
export const MESSAGES = {
  envelope: (play: Play) => eachEnds(play, BROKEN),

  bounds: (play: Play) => eachEnds(play, OUT_OF_BOUNDS),

  async batch(play: Play) {
    const full = await play.agent()
    full.wire.say(...Array.from({ length: MESSAGE.frames }, (_, at) => request(at + 1, 'health', {})))
    await full.wire.until('256 answers', () => full.wire.all('response').length === MESSAGE.frames)

    const empty = await play.agent()
    empty.wire.port.send('[]')
    await endsWith(empty.wire, CLOSE.violation, 'an empty batch')
    const over = await play.agent()
    over.wire.say(...Array.from({ length: MESSAGE.frames + 1 }, (_, at) => request(at + 1, 'health', {})))
    await endsWith(over.wire, CLOSE.violation, 'a batch of 257')

    // What came before the bad frame must show, though its answer may be lost with the connection.
    const { id, agent, lease } = await play.running()
    const step = { stepId: 's1', state: 'running', started: 1, finished: null, exitCode: null, error: '' }
    agent.wire.say(request(3, 'update', { lease, seq: 1, step }), { type: 'surprise' })
    await endsWith(agent.wire, CLOSE.violation, 'a batch whose second frame is bad')
    const { steps } = await play.get(id)
    expects(steps[0]?.state === 'running', 'the frame before the bad one to have happened', () => steps[0])
    return '256 taken, none and 257 refused; what came before a bad frame has happened'
  },

  async size(play: Play) {
    const big = await play.agent()
    const text = (bytes: number) => JSON.stringify(request(1, 'decline', { lease: 'L1', reason: ' '.repeat(bytes) }))
    big.wire.port.send(text(MESSAGE.bytes - 1024))
    await big.wire.until('an answer to what is just small enough', () => big.wire.all('error').length === 1)
    const over = await play.agent()
    over.wire.port.send(text(MESSAGE.bytes))
    const end = await endsWith(over.wire, CLOSE.tooBig, 'a message over 256 KiB')
    const huge = await play.agent()
    huge.wire.port.send(text(2 * MESSAGE.helloBytes))
    await endsWith(huge.wire, CLOSE.tooBig, 'a message of 2 MiB')
    return end
  },

  async binary(play: Play) {
    const { wire } = await play.agent()
    wire.port.sendBytes(new TextEncoder().encode(asking('{}')))
    const end = await endsWith(wire, CLOSE.unsupported, 'a binary message')
    expects(!answered(wire, 1), 'no answer to it', () => wire.story())
    return end
  },
}
