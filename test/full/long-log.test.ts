import { test } from 'vitest'
import { sharedBrowser } from '../support/browser.ts'
import { readLongLog } from '../support/long-log-page.ts'
import { needsTool } from '../support/tools.ts'

needsTool('chromium')('a log of 1,000,000 lines', () => {
  const browser = sharedBrowser()
  test('is read from any of its lines, and searched to its last', () => readLongLog(browser(), 1_000_000))
})
