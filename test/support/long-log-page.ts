import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Browser } from './browser.ts'
import { LongLog } from './long-log.ts'
import { onStage } from './on-stage.ts'

const PATIENT = { timeout: 120_000 }
/** All of it would be over a hundred times as much. */
const MOST_HEAP = 48 * 1024 * 1024
const text = (number: number) => `line ${number} of a long log, as builds write them`

/** Opens a log of so many lines: any line can be reached, the last one found, and the page does not grow. */
export function readLongLog(browser: Browser, lines: number): Promise<void> {
  return onStage(async (stage) => {
    await stage.serve()
    const log = await LongLog.open(stage, 'long')
    await log.write(lines - 1)
    await log.write(1, () => 'and that was the last')
    await log.done()
    const page = await browser.enter(`${stage.server.url}/#/workflows/${log.id}`, stage.adminToken)
    const shown = (what: string) => page.locator('.log-text', { hasText: what }).first().waitFor(PATIENT)
    await shown(text(1))

    for (const number of [lines - 1, 2, Math.floor(lines / 2), Math.floor(lines / 3)]) {
      await page.getByLabel('Go to line').fill(String(number))
      await page.getByLabel('Go to line').press('Enter')
      await shown(text(number))
    }
    const window = page.getByRole('region', { name: 'Log of long' })
    await window.focus()
    await page.keyboard.press('End')
    await shown('and that was the last')
    await page.keyboard.press('Home')
    await shown(text(1))
    for (let part = 1; part <= 40; part++) {
      const number = Math.floor((lines * part) / 41)
      await page.getByLabel('Go to line').fill(String(number))
      await page.getByLabel('Go to line').press('Enter')
      await shown(text(number))
    }

    await page.getByLabel('Search in this log').fill('THE LAST')
    await page.getByText('1 of 1 line').waitFor(PATIENT)
    await shown('and that was the last')
    expect(await page.locator('.log-current mark').textContent()).toBe('the last')
    expect(await heapOf(page)).toBeLessThan(MOST_HEAP)
  })
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}
