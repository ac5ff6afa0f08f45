import { expect, test } from 'vitest'
import { slowBrowsers } from '../hazards/support/slow-browsers.ts'

test('case 23: 200 tabs that read nothing, 10 KB a second, or all cost a busy server 1 MiB each at most, and know all in the end', {
  timeout: 900_000,
}, async () => {
  const cost = await slowBrowsers(200)
  console.log(`the server held at most ${JSON.stringify(cost)}`)
  expect(cost.all).toBeGreaterThan(0)
})
