import { type BrowserContextOptions, type Browser as Chromium, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Of a test with a browser: it shares two processors with servers, agents and whatever else is tested. */
export const BROWSER_MS = 180_000

/** Chromium as people have it, for all tests of a file. */
export class Browser {
  #chromium: Promise<Chromium> | undefined
  /** What a page said that no page of ours may say: errors, and loads that its policy has stopped. */
  readonly complaints: string[] = []

  /** Opens a page for somebody else each time: no cookies, nothing cached. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    this.#chromium ??= chromium.launch({
      executablePath: '/usr/bin/chromium',
      // Root has no sandbox to put pages into, and a container little shared memory.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      timeout: 60_000,
    })
    const viewport = { width: 1280, height: 800 }
    const context = await (await this.#chromium).newContext({ viewport, locale: 'en-GB', ...options })
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !isOutage(message.text())) this.complaints.push(message.text())
    })
    await page.goto(url)
    return page
  }

  /** Opens a page and logs in by the token. */
  async enter(url: string, token: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.open(url, options)
    await page.getByLabel('Token').fill(token)
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    return page
  }

  async close(): Promise<void> {
    await (await this.#chromium)?.close()
    if (this.complaints.length > 0) throw new Error(`the page complained:\n${this.complaints.join('\n')}`)
  }
}

/** The browser's own lines on a server that is away, or that refuses: the page tells those itself. */
function isOutage(text: string): boolean {
  return /^Failed to load resource|WebSocket connection to .* failed|net::ERR_/.test(text)
}

/** One browser for all tests of a file. */
export function sharedBrowser(): () => Browser {
  let browser: Browser | undefined
  beforeAll(() => {
    browser = new Browser()
  })
  afterAll(() => browser?.close(), 60_000)
  return () => {
    if (browser === undefined) throw new Error('no browser outside of a test')
    return browser
  }
}
