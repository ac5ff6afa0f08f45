import { expect, test } from 'vitest'
import { TREND } from '../../../src/protocol/index.ts'
import { BEGUN, openHouse } from '../support/house.ts'

test('who opens a page sees the workflows that ended before, and then each new point', async () => {
  const house = await openHouse()
  house.core.trend.start()
  const agent = house.connect(await house.credential('agent'))
  await agent.arrive()
  const { lease } = await house.running(agent)
  await house.running(agent)
  const step = { stepId: 's1', state: 'success', started: 1, finished: 2, exitCode: 0, error: '', lines: 0 } as const
  await agent.call('done', { lease, state: { ...BEGUN, finished: 2 }, steps: [step] })
  await house.clock.advance(TREND.spanMs)
  const operator = await house.operator()
  const { page } = await operator.call('subscribe', { subscription: 's', topic: 'trend' })
  expect(page).toMatchObject([{ kind: 'trend', point: { success: 1, failure: 0, running: 1, agents: 1 } }])
  await house.clock.advance(TREND.spanMs)
  const { data } = await operator.frame('event')
  expect(data).toMatchObject({ kind: 'trend', point: { version: 2, success: 0, running: 1 } })
  house.core.trend.stop()
})

test('a whole hour of points fits into one message', async () => {
  const house = await openHouse()
  const { trend } = house.core
  trend.start()
  const cancel = { stopped: 123_456_789 }
  for (let points = 0; points < TREND.points; points++) {
    const change = { kind: 'workflow', id: 'w', version: 1, state: 'running', lane: null, lease: null } as const
    trend.take([{ ...change, passage: { from: 'running', cancel } }])
    await house.clock.advance(TREND.spanMs)
  }
  trend.stop()
  const viewer = house.connect(await house.credential('viewer'))
  viewer.hello()
  await viewer.frame('welcome')
  expect((await viewer.call('subscribe', { subscription: 's', topic: 'trend' })).page).toHaveLength(TREND.points)
})
