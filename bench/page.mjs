// The dashboard in Debian's Chromium: its first screen, and a log of a million lines that is scrolled and searched, by the browser's own trace.
import { chromium } from 'playwright-core'
import { dialClient, untilEnded } from '../dist/client/node.js'
import { format, spread } from './measure.mjs'
import { startAgents, startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

const ROUNDS = 5
const LINES = 1_000_000
const LAST = 'the last line of all'
const WHEELS = 120
/** A screen's worth of frames; longer than a slow frame, so that the page is never asked faster than it can draw. */
const WHEEL_MS = 33
const SLOW_MS = 50

export async function pageSpeed() {
  const server = await startPeer('drumline')
  const client = await dialClient(server)
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
  })
  try {
    const id = await millionLines(server, client)
    console.log(`\nthe dashboard in Chromium ${browser.version()}: median of ${ROUNDS} (least–most)`)
    await firstScreen(browser, server)
    await bigLog(browser, server, id)
  } finally {
    await browser.close()
    client.close()
    await server.stop()
  }
}

async function millionLines(server, client) {
  const { token } = await client.call('token.create', { role: 'agent' })
  const loud = await startAgents({ ...server, token, kind: 'loud', agents: 1, capacity: 1 })
  const spec = workflow({ labels: { kind: 'loud' }, environment: { LINES: String(LINES), LAST } })
  const [{ id }] = (await client.call('submit', { workflows: [spec], secrets: {} })).workflows
  await untilEnded(client, id)
  await loud.stop()
  return id
}

/** Somebody who is logged in, each time with nothing cached. */
async function enter(browser, { url, token }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('Token').fill(token)
  await page.getByLabel('Token').press('Enter')
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return page
}

/** From the address being asked for until the agents and the queue that the server told are on the screen. */
async function firstScreen(browser, server) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const page = await enter(browser, server)
    const session = await page.context().newCDPSession(page)
    await session.send('Network.setCacheDisabled', { cacheDisabled: true })
    await page.goto('about:blank')
    const start = performance.now()
    await page.goto(`${server.url}/#/`)
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    await page.locator('main a[href^="#/workflows/"]').first().waitFor()
    times.push(performance.now() - start)
    await page.context().close()
  }
  console.log(`  first screen, nothing cached: ${spread(times)} ms   (aim: under 1,000)`)
}

async function bigLog(browser, server, id) {
  const page = await enter(browser, server)
  await page.goto(`${server.url}/#/workflows/${id}?step=step`)
  const lines = page.locator('.log-window')
  await lines.waitFor()
  const tasks = []
  for (let round = 0; round < ROUNDS; round++) tasks.push(await scrolled(browser, page, lines))
  const longest = tasks.map((all) => Math.max(...all))
  const slow = tasks.map((all) => all.filter((ms) => ms > SLOW_MS).length)
  console.log(
    `  scrolling ${format(LINES)} lines, longest task of the page: ${spread(longest, 1)} ms   (aim: under ${SLOW_MS})`,
  )
  console.log(`  frames over ${SLOW_MS} ms: ${spread(slow)} of ${WHEELS} turns of the wheel`)
  await found(page)
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.enable').then(() => session.send('Performance.getMetrics'))
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1024 ** 2
  console.log(`  heap after all that: ${format(heap, 1)} MiB`)
}

/** Turns the wheel, in steps and in jumps, and reads the trace: milliseconds of each task of the page's main thread. */
async function scrolled(browser, page, lines) {
  await lines.hover()
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  })
  for (let turn = 0; turn < WHEELS; turn++) {
    await page.mouse.wheel(0, turn % 10 === 9 ? 200_000 : 400)
    await page.waitForTimeout(WHEEL_MS)
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const pages = new Set(threads.map(threadOf))
  const tasks = traceEvents.filter((event) => event.name === 'RunTask' && event.dur > 0 && pages.has(threadOf(event)))
  return tasks.map(({ dur }) => dur / 1000)
}

function threadOf({ pid, tid }) {
  return `${pid} ${tid}`
}

/** A search for what stands in the last line alone. */
async function found(page) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const field = page.locator('.log input[type=search]')
    await field.fill('')
    const start = performance.now()
    await field.fill(LAST)
    await page.locator('.log mark').first().waitFor()
    times.push(performance.now() - start)
  }
  console.log(`  search until the last of ${format(LINES)} lines is shown: ${spread(times)} ms`)
}
