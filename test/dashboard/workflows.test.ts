import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

const rows = (page: Page) => page.locator('tbody tr')
const names = (page: Page) => page.locator('tbody tr td:nth-child(2) a').allTextContents()

needsTool('chromium')('the list of workflows', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage((it) => it.serve())
  const browser = sharedBrowser()
  const submit = (name: string, ...flags: string[]) =>
    stage().submit(`name: ${name}\nsteps:\n  one:\n    commands: 'true'\n`, ...flags)
  const open = (place: string) => browser().enter(`${stage().server.url}/${place}`, stage().adminToken)

  test('shows what is submitted meanwhile, narrows by what the address says, and says so in the address', async () => {
    await submit('alpha', '--label', 'pool=fast')
    const doomed = await submit('beta')
    const page = await open('#/workflows?text=a')
    await expect.poll(() => names(page), { timeout: 60_000 }).toEqual(['beta', 'alpha'])
    await submit('gamma')
    await expect.poll(() => names(page), { timeout: 60_000 }).toEqual(['gamma', 'beta', 'alpha'])
    await submit('not-this-one', '--label', 'x=y')

    await page.getByRole('searchbox').fill('POOL=fa')
    await expect.poll(() => names(page), { timeout: 60_000 }).toEqual(['alpha'])
    expect(page.url()).toContain('text=POOL%3Dfa')
    await page.getByRole('searchbox').fill('')
    await page.getByRole('button', { name: 'canceled' }).click()
    await page.getByText('None of these').waitFor()
    expect(page.url()).toContain('state=canceled')
    await stage().run(['cancel', doomed])
    await expect.poll(() => names(page), { timeout: 60_000 }).toEqual(['beta'])

    await page.reload()
    await expect.poll(() => names(page), { timeout: 60_000 }).toEqual(['beta'])
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/#/workflows/${doomed}`)
  })

  test('of hundreds draws those that are seen, reads older ones as they are scrolled to, and pushes nobody away', async () => {
    const operator = await stage().operator()
    const spec = (name: string) => ({
      name,
      labels: {},
      environment: {},
      priority: 0,
      timeoutMs: 60_000,
      graceMs: 1_000,
      onOutage: 'stop' as const,
      maxAttempts: 1,
      dependsOn: [],
      runsOn: [],
      secrets: [],
      steps: [{ id: 's', name: 's', commands: ['true'] }],
    })
    for (let first = 0; first < 400; first += 100) {
      const workflows = Array.from({ length: 100 }, (_, at) => spec(`many-${first + at}`))
      await operator.call('submit', { workflows, secrets: {} })
    }
    const page = await open('#/workflows?text=many-')
    await expect.poll(() => rows(page).count(), { timeout: 60_000 }).toBeGreaterThan(10)
    expect(await rows(page).count()).toBeLessThan(80)
    const last = page.locator('tr[aria-rowindex="401"]')
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End')
          return last.count()
        },
        { timeout: 60_000 },
      )
      .toBe(1)

    const seen = await names(page)
    await submit('many-late')
    await page.getByRole('button', { name: '1 new above' }).click()
    expect(seen).not.toContain('many-late')
    await expect.poll(async () => (await names(page))[0], { timeout: 60_000 }).toBe('many-late')
  })
})
