import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import type { Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

/** Submits work that goes on until the function that it gives is called. */
async function hold(stage: Stage, name: string): Promise<() => void> {
  const go = stage.path(`go-${name}`)
  await stage.submit(`name: ${name}\nsteps:\n  wait:\n    commands: until [ -e ${go} ]; do sleep 0.1; done\n`)
  return () => void stage.write(`go-${name}`, '')
}

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')

/** Looks for as long as a slow machine needs. */
const sees = (page: Page, where: string, text: string | RegExp) => region(page, where).getByText(text).first().waitFor()

needsTool('chromium')('whoever looks at the overview all day', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage((it) => it.serve())
  const browser = sharedBrowser()

  test('sees an agent come, work run on it and end, the queue stopped and an agent drained, and loads nothing anew', {
    timeout: 180_000,
  }, async () => {
    const page = await browser().enter(stage().server.url, stage().adminToken)
    await page.evaluate('window.sameAsEver = true')
    await page.getByText('No agent is known yet').waitFor()
    await page.getByText(`drumline agent --url ${stage().server.url}/ --token-file ./token`).waitFor()
    await sees(page, 'Ended', 'Nothing has ended yet.')

    await stage().agent({ name: 'anvil', capacity: 2 })
    await sees(page, 'Agents', '0 of 2 slots busy · 1 online')
    const letGo = await hold(stage(), 'hammering')
    await sees(page, 'Running', 'hammering')
    await sees(page, 'Agents', '1 of 2 slots busy · 1 online')
    letGo()
    await sees(page, 'Ended', 'hammering')
    await sees(page, 'Ended', /^success on anvil$/)
    await sees(page, 'Running', 'Nothing runs.')
    await stage().submit("name: breaking\nsteps:\n  bend:\n    commands: 'true'\n  break:\n    commands: exit 3\n")
    await sees(page, 'Ended', /^failure: break exited with 3$/)

    await page.getByRole('button', { name: 'Pause the queue' }).click()
    await dialog(page).getByRole('button', { name: 'Pause the queue' }).click()
    await sees(page, 'Queue', 'The queue is paused.')
    const letGoOn = await hold(stage(), 'waiting')
    await sees(page, 'Queue', /One workflow is ready and waits\.$/)
    await page.getByRole('button', { name: 'Resume the queue' }).click()
    await sees(page, 'Running', 'waiting')
    await page.getByRole('button', { name: 'Pause the queue' }).waitFor()

    await region(page, 'Agents').getByRole('link', { name: 'anvil' }).click()
    await sees(page, 'anvil', 'It takes work.')
    await sees(page, 'anvil', '1 of 2 slots busy')
    await page.getByRole('button', { name: 'Drain' }).click()
    await dialog(page).getByText('The workflow it runs is finished.').waitFor()
    await dialog(page).getByRole('button', { name: 'Drain' }).click()
    await sees(
      page,
      'anvil',
      'An operator drains it: it gets no more work and then leaves. It finishes the one it runs.',
    )
    await page.getByRole('cell', { name: 'draining' }).waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await sees(page, 'anvil', 'It takes work.')
    letGoOn()
    await sees(page, 'anvil', '0 of 2 slots busy')
    expect(await page.evaluate('window.sameAsEver')).toBe(true)
  })

  test('sees what carries the labels of a token, and is not told that the rest is missing', {
    timeout: 120_000,
  }, async () => {
    const operator = await stage().operator()
    const { token } = await operator.call('token.create', { role: 'operator', labels: { pool: 'mine' } })
    const page = await browser().enter(stage().server.url, token)
    await page.getByText('No agent is known yet').waitFor()
    await stage().submit(`name: ours\nlabels: {pool: mine}\nsteps:\n  wait:\n    commands: 'true'\n`)
    await region(page, 'Queue').getByRole('link', { name: 'pending 1' }).waitFor()
    expect(await page.getByRole('alert').allTextContents()).toEqual([])
    expect(await page.getByText('Ended per minute').count()).toBe(0)
    await page.getByRole('button', { name: 'Pause the queue', disabled: true }).waitFor()
  })

  test('finds an agent among others by what the address says, and opens it by keyboard', {
    timeout: 120_000,
  }, async () => {
    const operator = await stage().operator()
    const page = await browser().enter(`${stage().server.url}/#/agents?text=pool%3Dfast`, stage().adminToken)
    await page.getByText('None of these').waitFor()
    await stage().agent({ name: 'billet', labels: { pool: 'fast' } })
    await page.getByRole('rowheader', { name: 'billet' }).waitFor()
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(['billet'])

    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/#/agents/billet?text=pool%3Dfast')
    await region(page, 'billet').getByRole('button', { name: 'Keep work from it' }).waitFor()
    await page.getByRole('searchbox').fill('')
    await page.getByRole('rowheader', { name: 'anvil' }).waitFor()

    await stage().stopAgent('billet')
    await sees(page, 'billet', 'It is not connected.')
    await page.getByRole('button', { name: 'Remove' }).click()
    await dialog(page).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('rowheader', { name: 'billet' }).waitFor({ state: 'detached' })
    const { agents } = (await operator.call('agents', {})) as { agents: { name: string }[] }
    expect(agents.map(({ name }) => name)).toEqual(['anvil'])
  })
})
