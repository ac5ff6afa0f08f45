import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Chromium as a person has it, with a folder of its own, for all tests of a file. */
export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'drumline-browser-'))
  readonly #contexts: BrowserContext[] = []
  /** What a page said that no page of ours may say: errors, and loads that its policy has stopped. */
  readonly complaints: string[] = []

  /** Somebody else's profile each time: no cookies, nothing cached. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await chromium.launchPersistentContext(join(this.#folder, String(this.#contexts.length)), {
      executablePath: '/usr/bin/chromium',
      // Root has no sandbox to put pages into, and a container little shared memory.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    })
    this.#contexts.push(context)
    context.setDefaultTimeout(60_000)
    const page = context.pages()[0] ?? (await context.newPage())
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !isOutage(message.text())) this.complaints.push(message.text())
    })
    await page.goto(url)
    return page
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
    rmSync(this.#folder, { recursive: true, force: true })
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
