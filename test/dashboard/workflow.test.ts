import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

const LONG = { timeout: 60_000 }
/** Of a test that waits for several such things. */
const TEST = { timeout: 180_000 }
/** Two branches side by side; one of them runs until it is told to stop, and takes a moment over that. */
const BRANCHES = `name: branches
steps:
  build: {commands: echo built it, depends_on: []}
  quick: {commands: exit 3, failure: ignore, depends_on: [build]}
  slow:
    commands: trap 'echo tidying up; exit 0' TERM; echo still at it; while true; do sleep 0.1; done
    depends_on: [build]
  after: {commands: 'true', depends_on: [quick, slow]}
`

/** What a person reads there, on one line. */
async function textOf(page: Page, name: string): Promise<string> {
  return (await page.getByRole('region', { name, exact: true }).innerText()).replace(/\s+/g, ' ')
}

/** Waits for what a tab says: the name and the state. */
async function titled(page: Page, title: string): Promise<void> {
  await expect.poll(() => page.title(), LONG).toBe(`${title} · Drumline`)
}

needsTool('chromium')('the page of a workflow', { timeout: BROWSER_MS }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve('--test-timings')
    await it.agent({ name: 'anvil' })
  })
  const browser = sharedBrowser()
  const enter = (place: string) => browser().enter(`${stage().server.url}/${place}`, stage().adminToken)

  test(
    'follows it from its submission over steps and logs to the receipts of a cancel, without a reload',
    TEST,
    async () => {
      const page = await enter('#/submit')
      await page.evaluate('globalThis.neverReloaded = true')
      await page.getByLabel('Workflow file, YAML').fill(BRANCHES)
      await page.getByText('One workflow').waitFor()
      await page.getByRole('button', { name: 'Submit', exact: true }).click()

      await page.getByRole('heading', { name: 'branches' }).waitFor()
      await titled(page, 'branches running')
      // What runs is shown to who chooses nothing.
      await page.getByText('still at it', { exact: true }).waitFor()
      await expect
        .poll(() => textOf(page, 'Steps'), LONG)
        .toMatch(/build \d+ m?s.*quick \d+ m?s exit 3 · ignored.*slow \d+ s/)

      await page.getByRole('link', { name: /^success build/ }).click()
      await page.getByText('built it', { exact: true }).waitFor()
      expect(page.url()).toMatch(/\?step=build$/)
      // By keys: one step on in the list is quick, one more is slow.
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('j')
      await page.getByText('still at it', { exact: true }).waitFor()
      expect(page.url()).toMatch(/\?step=slow$/)

      await page.keyboard.press('c')
      await page.getByText('What still runs after 10 s is killed').waitFor()
      await page.getByLabel('Reason').fill('wrong branch')
      await page.getByLabel('Reason').press('Enter')
      await expect
        .poll(() => textOf(page, 'Cancel'), LONG)
        .toMatch(
          /wrong branch Requested [\d:]+ Received \+\d+ ms Stopping \+\d+ ms Stopped \+[\dms ]+ Nothing of it runs/,
        )
      await titled(page, 'branches canceled')
      await page.getByText('tidying up', { exact: true }).waitFor()
      await expect.poll(() => textOf(page, 'Steps'), LONG).toMatch(/slow .*stopped after \d+ m?s/)
      await page.getByText('Complete', { exact: true }).waitFor()
      expect(await page.evaluate('globalThis.neverReloaded')).toBe(true)

      await page.getByRole('button', { name: 'Requeue' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Requeue' }).click()
      await expect.poll(() => textOf(page, 'Attempts'), LONG).toMatch(/Attempt 2 anvil .*it runs/)
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the workflow' }).click()
      await titled(page, 'branches canceled')
    },
  )

  test(
    'tells why it waits, agent by agent, as that changes, and that what never began ends at once',
    TEST,
    async () => {
      const id = await stage().submit("name: picky\nlabels: {gpu: a100}\nsteps:\n  one: {commands: 'true'}\n")
      const page = await enter(`#/workflows/${id}`)
      await expect
        .poll(() => textOf(page, 'Why it is pending'), LONG)
        .toMatch(/anvil has no gpu=a100 Start an agent .* --label gpu=a100/i)
      await stage().run(['queue', 'pause'])
      await expect.poll(() => textOf(page, 'Why it is pending'), LONG).toMatch(/the queue is paused.*has no gpu/i)
      await stage().run(['queue', 'resume'])
      await expect.poll(() => textOf(page, 'Why it is pending'), LONG).not.toMatch(/paused/)

      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await page.getByText('it ends at once').waitFor()
      await page.getByRole('button', { name: 'Cancel the workflow' }).click()
      await expect.poll(() => textOf(page, 'Cancel'), LONG).toContain('it ended at once')
    },
  )

  test('tells which attempts there were, why the first was lost, and shows the log of each', TEST, async () => {
    await stage().agent({ name: 'doomed', labels: { place: 'here' } })
    const id = await stage().submit(
      `name: moved
labels: {place: here}
lease: 5s
steps:
  one: {commands: 'echo attempt $DRUMLINE_ATTEMPT was here; test $DRUMLINE_ATTEMPT -ge 2 || sleep 600'}
`,
      '--grace',
      '1s',
    )
    const page = await enter(`#/workflows/${id}`)
    await page.getByText('attempt 1 was here', { exact: true }).waitFor()
    await stage().killAgent('doomed')
    await stage().agent({ name: 'heir', labels: { place: 'here' } })
    await page.getByText('attempt 2 was here', { exact: true }).waitFor()
    await titled(page, 'moved success')
    await expect
      .poll(() => textOf(page, 'Attempts'), LONG)
      .toMatch(/Attempt 2 heir .* to its end .*Attempt 1 doomed .* its agent was not heard of/)

    await page.getByRole('link', { name: 'Attempt 1' }).click()
    await page.getByText('attempt 1 was here', { exact: true }).waitFor()
    expect(page.url()).toMatch(/\?attempt=1$/)
    await page.getByRole('button', { name: 'To the latest' }).click()
    await page.getByText('attempt 2 was here', { exact: true }).waitFor()
  })

  test('says so of a workflow that nobody knows', TEST, async () => {
    const page = await enter('#/workflows/nobody-knows-it')
    await page.getByRole('heading', { name: 'No workflow of this id' }).waitFor()
  })
})
