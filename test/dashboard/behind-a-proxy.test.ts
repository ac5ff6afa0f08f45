import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../src/server/index.ts'
import { BROWSER_MS, sharedBrowser } from '../support/browser.ts'
import { Authority } from '../support/certificates.ts'
import { ReverseProxy } from '../support/reverse-proxy.ts'
import { needsTool } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-page-'))

needsTool('chromium')('behind nginx and TLS', { timeout: BROWSER_MS }, () => {
  const browser = sharedBrowser()
  let server: Server
  let proxy: ReverseProxy

  beforeAll(async () => {
    server = await startServer({ data: join(folder, 'data'), port: 0, trustProxy: ['127.0.0.1'] })
    proxy = await ReverseProxy.start('nginx', server.port, new Authority(folder))
  }, 60_000)

  afterAll(async () => {
    await proxy.stop()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }, 90_000)

  test.each(['', '/ci'])('the dashboard is whole and live, at "%s/"', async (prefix) => {
    const token = readFileSync(server.adminTokenFile, 'utf8').trim()
    const page = await browser().enter(`${proxy.url}${prefix}/`, token, { ignoreHTTPSErrors: true })
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    expect(await page.evaluate('isSecureContext && document.cookie')).toBe('')
    await page.reload()
    await page.getByRole('navigation').getByRole('link', { name: 'Agents' }).click()
    await page.getByRole('heading', { name: 'Agents' }).waitFor()
    expect(page.url()).toBe(`${proxy.url}${prefix}/#/agents`)
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  })
})
