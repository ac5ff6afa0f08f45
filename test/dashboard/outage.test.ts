import { expect, test } from 'vitest'
import { sharedBrowser } from '../support/browser.ts'
import { onStage } from '../support/on-stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { needsTool } from '../support/tools.ts'

const PATIENT = { timeout: 60_000 }
const named = (name: string) => `name: ${name}\nsteps:\n  one:\n    commands: 'true'\n`

needsTool('chromium')('an open page', () => {
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
