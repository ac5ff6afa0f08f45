import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { Ticker } from '../support/ticker.ts'

// It stops at once; but were the machine so slow that the agent comes back after its grace, it would be given up.
const grace = ['--grace', '90s']

describe.concurrent('a cancel', { timeout: 240_000 }, () => {
  test('that was answered before the server was killed is carried out by the next one', () =>
    onStage(async (stage) => {
      const { process } = await stage.serve()
      const proxy = await TcpProxy.before(stage)
      await stage.agent({ name: 'steady', url: proxy.url })
      const ticker = await Ticker.submit(stage, { flags: grace })
      await ticker.ticked(10)
      proxy.cut(true)
      await stage.json('cancel', ticker.id, '--reason', 'wrong branch')
      await process.kill()
      await stage.serve()
      proxy.admit()
      await expectCanceled(stage, ticker)
      await stage.stopAgent('steady')
    }))

  test('that was asked while the network was down is carried out when it is up', () =>
    onStage(async (stage) => {
      await stage.serve()
      const proxy = await TcpProxy.before(stage)
      await stage.agent({ name: 'steady', url: proxy.url })
      const ticker = await Ticker.submit(stage, { flags: grace })
      await ticker.ticked(10)
      proxy.cut(true)
      await stage.json('cancel', ticker.id, '--reason', 'wrong branch')
      await stage.json('cancel', ticker.id, '--reason', 'once more')
      proxy.admit()
      await expectCanceled(stage, ticker)
      await stage.stopAgent('steady')
    }))
})

async function expectCanceled(stage: Stage, ticker: Ticker): Promise<void> {
  expect(await stage.watch.ended(ticker.id, 90_000)).toMatchObject({ state: 'canceled', attempt: 1, logs: 'complete' })
  expect(ticker.executions()).toEqual([1])
  const { stdout } = await stage.run(['show', ticker.id])
  expect(stdout).toMatch(
    /wrong branch; requested .*; received after \d+ ms; stopping after \d+ ms; stopped after \d+ ms/,
  )
}
