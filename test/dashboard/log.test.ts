import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { LongLog } from '../support/long-log.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

const LONG = { timeout: 60_000 }

/** The text of the lines that are in the window. */
const shown = (page: Page): Promise<string[]> =>
  page.locator('.log-window').evaluate((log) => {
    const frame = log.getBoundingClientRect()
    const rows = [...log.querySelectorAll('.log-row')].filter((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return bottom > frame.top + 1 && top < frame.bottom - 1
    })
    return rows.map((row) => row.querySelector('.log-text')?.textContent ?? '')
  })

const line = (number: number) => `line ${number} of a long log, as builds write them`

needsTool('chromium')('the log of a step', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage((it) => it.serve())
  const browser = sharedBrowser()
  const open = (place: string) => browser().enter(`${stage().server.url}/#/workflows/${place}`, stage().adminToken)
  const last = async (page: Page) => (await shown(page)).at(-1)

  test('is followed until one scrolls up, and what is read then stays where it is', async () => {
    const log = await LongLog.open(stage(), 'followed')
    await log.write(500)
    const page = await open(log.id)
    await expect.poll(() => last(page), LONG).toBe(line(500))
    await log.write(100)
    await expect.poll(() => last(page), LONG).toBe(line(600))

    const follow = page.getByRole('button', { name: 'Follow' })
    await page.getByRole('region', { name: 'Log of followed' }).focus()
    await page.keyboard.press('PageUp')
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('false')
    const before = await shown(page)
    expect(before).not.toContain(line(600))
    await log.write(300)
    await page.getByText('900 lines').waitFor()
    expect(await shown(page)).toEqual(before)

    await page.keyboard.press('f')
    await expect.poll(() => last(page), LONG).toBe(line(900))
    await page.keyboard.press('Home')
    await expect.poll(async () => (await shown(page))[0], LONG).toBe(line(1))
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, 400)
    await expect.poll(async () => (await shown(page))[0], LONG).toBe(line(21))
    await log.done()
    await page.getByText('complete', { exact: false }).first().waitFor()
  })

  test('is searched to its end, on from there, and round', async () => {
    const log = await LongLog.open(stage(), 'searched')
    await log.write(4000, (number) =>
      number % 1000 === 0 ? `here is a \x1b[31mNee\x1b[0mdle ${number}` : line(number),
    )
    const page = await open(`${log.id}?line=2500`)
    await expect.poll(() => shown(page), LONG).toContain(line(2500))
    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await page.getByText('3 of 4 lines').waitFor()
    await expect.poll(() => shown(page), LONG).toContain('here is a Needle 3000')
    expect(await page.locator('.log-current mark').allTextContents()).toEqual(['Nee', 'dle'])

    await page.getByRole('button', { name: 'Next match' }).click()
    await page.getByText('4 of 4 lines').waitFor()
    await page.getByRole('region', { name: 'Log of searched' }).focus()
    await page.keyboard.press('n')
    await page.getByText('1 of 4 lines').waitFor()
    await expect.poll(() => shown(page), LONG).toContain('here is a Needle 1000')
    await page.keyboard.press('Shift+N')
    await page.getByText('4 of 4 lines').waitFor()

    await log.write(1, () => 'another needle')
    await page.getByText('4 of 5 lines').waitFor()
    await log.done()
  })

  test('has an address for each line and each range of lines, which opens there', async () => {
    const log = await LongLog.open(stage(), 'linked')
    await log.write(3000)
    await log.done()
    const page = await open(log.id)
    await page.getByRole('link', { name: 'Line 7', exact: true }).click()
    await page.getByRole('link', { name: 'Line 9', exact: true }).click({ modifiers: ['Shift'] })
    expect(page.url()).toContain('line=7-9')
    expect(await page.locator('.log-marked .log-text').allTextContents()).toEqual([7, 8, 9].map(line))

    await page.goto(page.url().replace('line=7-9', 'line=2000'))
    await page.reload()
    await expect.poll(() => page.locator('.log-marked .log-text').allTextContents(), LONG).toEqual([line(2000)])
    expect(await shown(page)).toContain(line(2000))
  })

  test('shows lines that are missing in their place, and stays readable when it is wrapped', async () => {
    const log = await LongLog.open(stage(), 'holed')
    await log.write(5)
    await log.gap(1000, 'the disk was full')
    await log.write(5, (number) => `${number} ${'long '.repeat(400)}`)
    await log.done()
    const page = await open(log.id)
    await page.getByText('lines 6 to 1005 of holed are missing: the disk was full').first().waitFor()
    await expect
      .poll(async () => (await shown(page)).slice(4, 6), LONG)
      .toEqual([line(5), 'lines 6 to 1005 of holed are missing: the disk was full'])
    await page.getByRole('button', { name: 'Wrap' }).click()
    await page.getByRole('region', { name: 'Log of holed' }).focus()
    await page.keyboard.press('End')
    await expect.poll(() => last(page), LONG).toMatch(/^1010 long /)
    const sideways = await page.locator('.log-window').evaluate((it) => it.scrollWidth - it.clientWidth)
    expect(sideways).toBe(0)
  })
})
