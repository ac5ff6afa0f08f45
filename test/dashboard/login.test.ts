import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

const link = /(http:\/\/\S+#code=\S+)/

needsTool('chromium')('the dashboard lets in', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage((it) => it.serve())
  const browser = sharedBrowser()

  test('whoever opens the link, once, and no address keeps the code', async () => {
    const { stdout } = await stage().run(['login'])
    const [, url = ''] = link.exec(stdout) ?? []
    const page = await browser().open(url)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(page.url()).toBe(`${stage().server.url}/#/`)
    expect(await page.evaluate('document.cookie')).toBe('')

    const second = await browser().open(url)
    await second.getByText('The link is no good any more').waitFor()
  })

  test('whoever has a token, says why not to others, and forgets on logout', async () => {
    const page = await browser().open(`${stage().server.url}/#/agents`)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Type or paste a token.').waitFor()

    await page.getByLabel('Token').fill('drl_nobody_has_this')
    await page.getByLabel('Token').press('Enter')
    const trouble = page.getByRole('alert')
    await expect.poll(() => trouble.textContent(), { timeout: 60_000 }).toMatch(/credential|token/i)

    await page.getByLabel('Token').fill(stage().adminToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('heading', { name: 'Agents' }).waitFor()

    await page.reload()
    await page.getByRole('heading', { name: 'Agents' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are logged out.').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
  })
})
