import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

needsTool('chromium')('a workflow that is written in the page', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage((it) => it.serve())
  const browser = sharedBrowser()

  test('is told its mistakes at their lines, takes the secrets it names, and is submitted once', async () => {
    const page = await browser().enter(`${stage().server.url}/#/submit`, stage().adminToken)
    const file = page.getByLabel('Workflow file, YAML')
    await file.fill('name: nightly\nsteps:\n  - comands: make\n')
    await page.getByRole('button', { name: 'Line 3' }).first().click()
    expect(await page.evaluate('getSelection().toString()')).toContain('comands')
    expect(await page.getByRole('button', { name: 'Submit', exact: true }).isDisabled()).toBe(true)

    await file.fill('name: nightly\nsecrets: [KEY]\nsteps:\n  - name: make\n    commands: make\n')
    await page.getByText('One workflow').waitFor()
    // Whoever leaves the page and comes back finds the draft, and no secret.
    await page.getByLabel('KEY').fill('hush-hush')
    await page.getByRole('link', { name: 'Agents' }).click()
    await page.getByRole('link', { name: 'Submit' }).click()
    await page.getByText('One workflow').waitFor()
    expect(await page.getByLabel('KEY').inputValue()).toBe('')
    await page.getByLabel('KEY').fill('hush-hush')
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await page.waitForURL(/#\/workflows\/[\w-]+$/)
    const { workflows } = (await stage().json('list')) as { workflows: { name: string }[] }
    expect(workflows.map(({ name }) => name)).toEqual(['nightly'])
  })
})
