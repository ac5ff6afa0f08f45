import { test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { readLongLog } from '../support/long-log-page.ts'
import { needsTool } from '../support/tools.ts'

needsTool('chromium')('a log of 1,000,000 lines', { timeout: BROWSER_MS }, () => {
  const browser = sharedBrowser()
  test('is read from any of its lines, and searched to its last', () => readLongLog(browser(), 1_000_000))
})
