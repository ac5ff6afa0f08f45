import { CLOSE, LIVENESS, newId, SUBPROTOCOL } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import type { Wire } from '../wire.ts'
import { helloOf } from './actor.ts'
import { knock } from './knock.ts'
import type { Play } from './play.ts'

const protocol = { 'sec-websocket-protocol': SUBPROTOCOL }

/** The connection must end with this code; says with what words it did. */
export async function endsWith(wire: Wire, code: number, after: string): Promise<string> {
  const end = await wire.ends()
  expects(end.code === code, `${code} after ${after}`, () => `${end.code} ${end.reason}`)
  return `${end.code} ${end.reason}`
}

async function isRefused(play: Play, headers: Record<string, string>, status: number, what: string): Promise<void> {
  const answer = await knock(play.house.url, play.house.network, headers)
  expects(answer.status === status, `HTTP ${status} for ${what}`, () => `HTTP ${answer.status}`)
  expects(answer.headers.drumline === '1', `the header drumline: 1 on the refusal of ${what}`, () => answer.headers)
}

/** From the upgrade to the welcome. */
export const HANDSHAKE = {
  async credential(play: Play) {
    await isRefused(play, protocol, 401, 'no credential')
    await isRefused(play, { ...protocol, authorization: `Bearer drl_${newId()}` }, 401, 'a wrong credential')
    const { id, token } = await play.operator.call(
      'token.create',
      { role: 'agent', name: 'conformance' },
      { key: newId() },
    )
    await play.operator.call('token.revoke', { id }, { key: newId() })
    await isRefused(play, { ...protocol, authorization: `Bearer ${token}` }, 401, 'a revoked credential')
    return '401 for a missing, a wrong and a revoked one'
  },

  async origin(play: Play) {
    const authorization = `Bearer ${play.house.tokens[0]}`
    await isRefused(play, { ...protocol, authorization, origin: 'https://example.com' }, 403, 'an Origin')
    return '403'
  },

  async upgrade(play: Play) {
    const authorization = `Bearer ${play.house.tokens[0]}`
    await isRefused(play, { authorization }, 400, 'an upgrade without subprotocol')
    const extensions = 'permessage-deflate; client_max_window_bits'
    const { status, headers } = await knock(play.house.url, play.house.network, {
      authorization,
      'sec-websocket-protocol': `other, ${SUBPROTOCOL}`,
      'sec-websocket-extensions': extensions,
    })
    expects(status === 101, 'HTTP 101', () => `HTTP ${status}`)
    const agreed = headers['sec-websocket-protocol']
    expects(agreed === SUBPROTOCOL, `the subprotocol ${SUBPROTOCOL}`, () => agreed ?? 'none')
    expects(
      headers['sec-websocket-extensions'] === undefined,
      'no extension',
      () => headers['sec-websocket-extensions'],
    )
    return `101 with ${agreed}, 400 without it`
  },

  async welcome(play: Play) {
    const first = await play.agent()
    const second = await play.again(first)
    await second.wire.round()
    expects(second.wire.all('welcome').length === 1, 'one welcome', () => second.wire.story())
    const numbers = [first, second].map(({ welcome }) => welcome.connection)
    expects((numbers[1] ?? 0) > (numbers[0] ?? 0), 'a higher connection with the second hello', () => numbers)
    expects(second.id === first.id && first.id !== '', 'the same agent again', () => [first.id, second.id])
    return `connections ${numbers.join(' and ')}`
  },

  async lateHello(play: Play) {
    const wire = await play.open()
    const opened = performance.now()
    const end = await endsWith(wire, CLOSE.helloTimeout, `${LIVENESS.helloMs / 1000} s without a hello`)
    return `${end} after ${((performance.now() - opened) / 1000).toFixed(1)} s`
  },

  async helloFirst(play: Play) {
    const early = await play.open()
    early.request('version', {})
    await endsWith(early, CLOSE.violation, 'a request before hello')
    const between = await play.open()
    between.say(helloOf(play.identity()), { type: 'request', id: 1, method: 'next', params: {} })
    return endsWith(between, CLOSE.violation, 'a request between hello and welcome')
  },

  async secondHello(play: Play) {
    const { wire, identity } = await play.agent()
    wire.say(helloOf(identity))
    return endsWith(wire, CLOSE.violation, 'a second hello')
  },

  async helloKeys(play: Play) {
    const wire = await play.open()
    const hello = helloOf(play.identity())
    wire.say({ ...hello, surprise: { a: 1 }, agent: { ...hello.agent, surprise: 1 }, features: ['from-the-future'] })
    const { features } = await wire.hears('welcome')
    expects(!features.includes('from-the-future'), 'only features that the server knows', () => features)
    return 'welcome, and none of them'
  },

  async version(play: Play) {
    const wire = await play.open()
    wire.say({ ...helloOf(play.identity()), versions: [900] })
    return endsWith(wire, CLOSE.version, 'version 900')
  },

  async roles(play: Play) {
    const { agent: _, ...plain } = helloOf(play.identity())
    const nameless = await play.open()
    nameless.say(plain)
    await endsWith(nameless, CLOSE.badCredential, 'an agent’s credential without agent')
    const operator = await play.open(play.house.token)
    operator.say(helloOf(play.identity()))
    return endsWith(operator, CLOSE.badCredential, 'an operator’s credential with agent')
  },
}
