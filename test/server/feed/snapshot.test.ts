import { expect, test } from 'vitest'
import { openHouse } from '../support/house.ts'

const WIDE = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`label-${at}`, 'x'.repeat(190)]))

test('workflows with so many labels that a page of them fits no message are watched all the same: the newest of them', async () => {
  const house = await openHouse()
  const ids: string[] = []
  for (let at = 0; at < 30; at++) ids.unshift(await house.submit({ labels: WIDE }))
  const operator = await house.operator()
  const { page } = await operator.call('subscribe', { subscription: 's', topic: 'workflows' })
  const seen = page.flatMap((data) => (data.kind === 'workflow' ? [data.workflow.id] : []))
  expect(seen.length).toBeGreaterThan(1)
  expect(seen).toEqual(ids.slice(0, seen.length))
})
