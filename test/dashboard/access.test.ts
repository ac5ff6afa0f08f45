import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { sharedStage } from '../support/shared-stage.ts'
import type { Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'

const PHONE = { width: 390, height: 844 }

/** Ids of workflows in all the states that a page can show. */
interface Shown {
  readonly ended: string
  readonly running: string
  readonly pending: string
}

async function prepare(stage: Stage): Promise<Shown> {
  await stage.agent({ name: 'anvil', labels: { pool: 'fast' }, capacity: 4 })
  const steps = (command: string) =>
    `steps:\n  one:\n    commands: |\n      ${command}\n  two:\n    commands: 'true'\n    depends_on: one\n`
  const ended = await stage.submit(
    `name: ended\n${steps('printf "\\033[31mred\\033[0m and \\033[1mbold\\033[0m\\n"; exit 3')}`,
  )
  const running = await stage.submit(`name: runs on\n${steps('echo begun; sleep 600')}`)
  const pending = await stage.submit(`name: waits\nlabels: {pool: none-has-it}\n${steps('true')}`)
  const stateOf = async (id: string) => ((await stage.json('show', id)) as { state: string }).state
  await waitUntil(async () => (await stateOf(ended)) === 'failure' && (await stateOf(running)) === 'running', {
    limitMs: 60_000,
    what: 'one workflow that failed and one that runs',
  })
  return { ended, running, pending }
}

/** What axe finds wrong, in a line each. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as axe.AxeResults
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}

/** Whatever can be used by pointer and was not reached by Tab, or does not show that it was. */
const UNREACHED = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  return all.filter((it) => it.tabIndex >= 0 && !it.disabled && it.checkVisibility() && !it.dataset.reached).map((it) => it.outerHTML.slice(0, 200))
})()`

/** Goes round the page once by Tab. */
async function tabThrough(page: Page): Promise<string[]> {
  const unseen: string[] = []
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab')
    const at = (await page.evaluate(`(() => {
      const it = document.activeElement
      if (it === document.body || it.dataset.reached) return null
      it.dataset.reached = 'yes'
      const { outlineStyle, outlineWidth } = getComputedStyle(it.matches('input[type=file]') ? it.closest('label') : it)
      return { seen: outlineStyle !== 'none' && outlineWidth !== '0px', html: it.outerHTML.slice(0, 200) }
    })()`)) as { seen: boolean; html: string } | null
    if (at === null) return unseen
    if (!at.seen) unseen.push(at.html)
  }
  throw new Error('no end of what Tab reaches')
}

needsTool('chromium')('every page', { timeout: BROWSER_MS }, () => {
  let shown: Shown
  const stage = sharedStage(async (it) => {
    await it.serve()
    shown = await prepare(it)
    it.cleanups.push(() => it.run(['cancel', shown.running, '--wait']))
  })
  const browser = sharedBrowser()
  const places = () => [
    '#/',
    '#/workflows',
    `#/workflows/${shown.ended}?step=one`,
    `#/workflows/${shown.running}?step=one`,
    `#/workflows/${shown.pending}`,
    '#/agents',
    '#/agents/anvil',
    '#/submit',
    '#/nowhere',
  ]
  const settled = async (page: Page, place: string) => {
    await page.goto(`${stage().server.url}/${place}`)
    await page.locator('main h1').waitFor()
  }

  test('has nothing that keeps people out, in light and in dark, and fits a phone', async () => {
    const page = await browser().open(stage().server.url)
    const found: string[] = []
    const look = async (place: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        found.push(...(await faults(page)).map((fault) => `${place} ${colorScheme} ${fault}`))
      }
    }
    await page.getByLabel('Token').waitFor()
    await look('login')
    await page.getByLabel('Token').fill(stage().adminToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    for (const place of places()) {
      await settled(page, place)
      await look(place)
    }
    await page.setViewportSize(PHONE)
    for (const place of places()) {
      await settled(page, place)
      const [wide, seen] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
      if ((wide ?? 0) > (seen ?? 0)) found.push(`${place} is ${wide} px wide on a phone of ${seen}`)
      found.push(...(await faults(page)).map((fault) => `${place} phone ${fault}`))
    }
    expect(found).toEqual([])
  })

  test('can be used by keyboard alone, and shows where one is', async () => {
    const page = await browser().enter(stage().server.url, stage().adminToken)
    for (const place of places()) {
      // Tab goes on from where the page before was left.
      await page.goto('about:blank')
      await settled(page, place)
      expect([place, await tabThrough(page)]).toEqual([place, []])
      expect([place, await page.evaluate(UNREACHED)]).toEqual([place, []])
    }
  })
})
