import { expect, test } from 'vitest'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { onStage } from '../support/on-stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { needsTool } from '../support/tools.ts'

const PATIENT = { timeout: 60_000 }
const named = (name: string) => `name: ${name}\nsteps:\n  one:\n    commands: 'true'\n`

needsTool('chromium')('an open page', { timeout: BROWSER_MS }, () => {
  const browser = sharedBrowser()

  test('says that the server is gone and since when, comes back by itself, and shows what is there then, once', () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.submit(named('before'))
      const page = await browser().enter(`${stage.server.url}/#/workflows`, stage.adminToken)
      const names = () => page.locator('tbody tr td:nth-child(2) a').allTextContents()
      const mark = page.getByRole('status').filter({ hasText: /Live|Offline|Catching/ })
      await expect.poll(() => mark.textContent(), PATIENT).toBe('Live')
      await expect.poll(names, PATIENT).toEqual(['before'])

      await stage.server.process.kill()
      await expect.poll(() => mark.textContent(), PATIENT).toBe('Offline')
      await page.getByText(/as of \d\d:\d\d:\d\d, .+ ago/).waitFor()
      expect(await names()).toEqual(['before'])

      await stage.serve()
      await stage.submit(named('after'))
      await page
        .getByRole('button', { name: 'Try now' })
        .click(PATIENT)
        .catch(() => {})
      await expect.poll(() => mark.textContent(), PATIENT).toMatch(/^Live/)
      await expect.poll(names, PATIENT).toEqual(['after', 'before'])
    }))

  test('shows each line of a log once, whatever died while it was written', () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'anvil', data: true })
      const id = await stage.submit(
        'name: ticks\nsteps:\n  ticks:\n    commands: for i in $(seq 1 60); do echo "tick $i"; sleep 0.1; done\n',
      )
      const page = await browser().enter(`${stage.server.url}/#/workflows/${id}`, stage.adminToken)
      await page.locator('.log-text', { hasText: 'tick 7' }).first().waitFor()
      await stage.server.process.kill()
      await page.getByRole('status').filter({ hasText: 'Offline' }).waitFor()
      await stage.serve()
      await page.getByText('61 lines, complete').waitFor()
      const seen = new Map<string, string>()
      for (const key of ['Home', 'PageDown', 'End']) {
        await page.getByRole('region', { name: 'Log of ticks' }).press(key)
        const rows = page.locator('.log-row:has(.log-number)')
        for (const row of await rows.allTextContents()) seen.set(row, key)
      }
      const ticks = [...seen.keys()].filter((row) => /^\d+tick \d+$/.test(row))
      expect(ticks.sort()).toEqual(Array.from({ length: 60 }, (_, at) => `${at + 2}tick ${at + 1}`).sort())
      await stage.watch.ended(id, 60_000)
    }))

  test('that was cut off for a while goes on where it stopped', () =>
    onStage(async (stage) => {
      const proxy = await TcpProxy.to(0)
      stage.cleanups.push(() => proxy.close())
      proxy.target = (await stage.serve('--origin', proxy.url)).port
      const page = await browser().enter(`${proxy.url}/#/workflows`, stage.adminToken)
      const mark = page.getByRole('status').filter({ hasText: /Live|Offline|Catching/ })
      await expect.poll(() => mark.textContent(), PATIENT).toBe('Live')
      proxy.cut(true)
      await expect.poll(() => mark.textContent(), PATIENT).toBe('Offline')
      await stage.submit(named('meanwhile'))
      proxy.admit()
      await expect.poll(() => mark.textContent(), PATIENT).toMatch(/^Live.*caught up with$/)
      await page.getByRole('link', { name: 'meanwhile' }).waitFor()
    }))
})
