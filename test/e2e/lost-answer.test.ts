import { describe, expect, test } from 'vitest'
import { FrameProxy, type Mishap } from '../support/frame-proxy.ts'
import { onStage } from '../support/on-stage.ts'
import { Ticker } from '../support/ticker.ts'

const flags = ['--test-timings', '--lease', '9s']

const MISHAPS: [what: string, mishap: Mishap][] = [
  [
    'the answer to init is lost with its socket',
    { direction: 'down', type: 'response', method: 'init', act: 'cut before' },
  ],
  [
    'the answer to update is lost with its socket',
    { direction: 'down', type: 'response', method: 'update', act: 'cut before' },
  ],
  [
    'the answer to done is lost with its socket',
    { direction: 'down', type: 'response', method: 'done', act: 'cut before' },
  ],
  [
    'the answer to extend is lost with its socket',
    { direction: 'down', type: 'response', method: 'extend', act: 'cut before' },
  ],
  ['the offer is lost with its socket', { direction: 'down', type: 'response', method: 'next', act: 'cut before' }],
  ['init is lost with its socket', { direction: 'up', type: 'request', method: 'init', act: 'cut before' }],
  ['done is lost with its socket', { direction: 'up', type: 'request', method: 'done', act: 'cut before' }],
  ['the socket dies right after done', { direction: 'up', type: 'request', method: 'done', act: 'cut after' }],
  [
    'the answer to init is dropped and the socket stays',
    { direction: 'down', type: 'response', method: 'init', act: 'drop' },
  ],
  [
    'the answer to update is dropped and the socket stays',
    { direction: 'down', type: 'response', method: 'update', act: 'drop' },
  ],
  [
    'the answer to done is dropped and the socket stays',
    { direction: 'down', type: 'response', method: 'done', act: 'drop' },
  ],
  [
    'the answer to extend is dropped and the socket stays',
    { direction: 'down', type: 'response', method: 'extend', act: 'drop' },
  ],
  ['lines are lost on the way', { direction: 'up', type: 'log', nth: 3, act: 'drop' }],
  ['lines come twice', { direction: 'up', type: 'log', nth: 3, act: 'duplicate' }],
  ['the word that lines are stored is lost', { direction: 'down', type: 'stored', act: 'drop' }],
  ['the socket dies between two frames of lines', { direction: 'up', type: 'log', nth: 3, act: 'cut before' }],
]

describe.concurrent('a workflow ends once, with all its lines, when', { timeout: 120_000 }, () => {
  test.each(MISHAPS)('%s', (_what, mishap) =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const proxy = await FrameProxy.before(stage)
      await stage.agent({ name: 'steady', url: proxy.url })
      const struck = proxy.plan(mishap)
      const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
      await ticker.ticked(150)
      ticker.letGo()
      await ticker.expectOnce()
      expect((await struck).type).toBe(mishap.type)
      // It may still owe the server something: who leaves now would wait for the proxy, which leaves first.
      await stage.stopAgent('steady')
    }),
  )
})
