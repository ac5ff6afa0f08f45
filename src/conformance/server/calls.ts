import { newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { refused } from './actor.ts'
import type { Play } from './play.ts'

/** Questions and answers. */
export const CALLS = {
  async answers(play: Play) {
    const { wire } = await play.agent()
    wire.say({ type: 'abort', id: 77 })
    const next = wire.request('next', {})
    const ids = Array.from({ length: 50 }, () => wire.request('version', {}))
    wire.say({ type: 'abort', id: next })
    const result = await wire.answer('next', next)
    expects(result.result === null, 'an aborted next to be answered null', () => result)
    wire.say({ type: 'abort', id: next })
    await wire.round()
    const got = wire.all('response').map(({ id }) => id)
    const wrong = [next, ...ids].filter((id) => got.filter((one) => one === id).length !== 1)
    expects(wrong.length === 0, 'one answer for each request', () => `requests ${wrong} have another number of answers`)
    return `${ids.length + 1} requests, as many answers`
  },

  async badCall(play: Play) {
    const { wire } = await play.agent()
    for (const method of ['surprise', 'constructor', '__proto__', '']) {
      const id = wire.request(method, {})
      const error = await wire.hears('error', (frame) => frame.id === id)
      expects(error.error.code === 'unknown_method', `unknown_method for ${JSON.stringify(method)}`, () => error.error)
    }
    for (const params of [null, 7, [], { lease: 7 }, { surprise: 1 }]) {
      const id = wire.request('init', params)
      const error = await wire.hears('error', (frame) => frame.id === id)
      expects(
        error.error.code === 'bad_request',
        `bad_request for the params ${JSON.stringify(params)}`,
        () => error.error,
      )
    }
    await wire.round()
    return 'unknown_method, bad_request, and the connection goes on'
  },

  async forbidden(play: Play) {
    const { wire } = await play.agent()
    refused(await wire.ask('cancel', { ids: ['x'], reason: '' }, { key: newId() }), 'forbidden', 'cancel by an agent')
    refused(await wire.ask('get', { id: 'x' }), 'forbidden', 'get by an agent')
    refused(await wire.ask('token.create', { role: 'agent' }), 'forbidden', 'token.create by an agent')
    refused(await play.operator.ask('next', {}), 'forbidden', 'next by an operator')
    return 'forbidden both ways'
  },

  async capacity(play: Play) {
    const { wire } = await play.agent({ capacity: 2 })
    for (const _ of [1, 2]) wire.request('next', {})
    refused(await wire.ask('next', {}), 'busy', 'a third next of an agent of capacity 2')
    await wire.round()
    return 'busy'
  },

  async key(play: Play) {
    const key = newId()
    // Nobody has this label: it waits until it is cancelled.
    const label = { conformance: newId() }
    const ask = { workflows: [play.spec({ labels: label })], secrets: {} }
    const first = await play.operator.call('submit', ask, { key })
    const again = await play.operator.call('submit', ask, { key })
    await play.cancel(...first.workflows.map(({ id }) => id))
    expects(JSON.stringify(first) === JSON.stringify(again), 'the same answer', () => ({ first, again }))
    const { workflows } = await play.operator.call('list', { labels: label })
    expects(workflows.length === 1, 'one workflow', () => `${workflows.length}`)
    const other = { ...ask, workflows: [play.spec({ labels: label, priority: 1 })] }
    refused(await play.operator.ask('submit', other, { key }), 'conflict', 'the same key with other params')
    return 'one effect, the same answer; conflict with other params'
  },
}
