// The dashboard in Debian's Chromium: its first screen, and a log of a million lines that is scrolled and searched, by the browser's own trace.
import { chromium } from 'playwright-core'
import { dialClient, followLogs } from '../dist/client/node.js'
import { format, spread } from './measure.mjs'
import { startAgents, startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

const ROUNDS = 5
const LINES = 1_000_000
/** So that they fit into what an agent keeps in memory. */
const PAUSE_MS = 20
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
  const environment = { LINES: String(LINES), PAUSE_MS: String(PAUSE_MS), LAST }
  const spec = workflow({ labels: { kind: 'loud' }, environment })
  const [{ id }] = (await client.call('submit', { workflows: [spec], secrets: {} })).workflows
  for await (const _ of followLogs(client, id, { settleMs: 120_000 })) {
    // To its last line: an agent that stops earlier would keep the rest.
  }
  const { logs, steps } = await client.call('get', { id })
  if (logs !== 'complete') throw new Error(`the log is ${logs}, with ${steps[0].lines} lines`)
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
  const runs = []
  for (let round = 0; round < ROUNDS; round++) runs.push(await scrolled(browser, page, lines))
  const longest = (key) =>
    spread(
      runs.map((tasks) => Math.max(...tasks.map((task) => task[key]))),
      1,
    )
  const slow = runs.map((tasks) => tasks.filter(({ wall }) => wall > SLOW_MS).length)
  console.log(
    `  scrolling ${format(LINES)} lines, longest task of the page: ${longest('wall')} ms   (aim: under ${SLOW_MS})`,
  )
  console.log(`    of the processor's time, however busy the machine: ${longest('cpu')} ms`)
  console.log(`    over ${SLOW_MS} ms: ${spread(slow)} in ${WHEELS} turns of the wheel`)
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
  return tasks.map(({ dur, tdur = 0 }) => ({ wall: dur / 1000, cpu: tdur / 1000 }))
}

function threadOf({ pid, tid }) {
  return `${pid} ${tid}`
}

/** A search for what stands in the last line alone, each time by other words. */
async function found(page) {
  const field = page.getByLabel('Search in this log')
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    await page.locator('.log-window').press('Home')
    await field.fill(LAST.slice(0, LAST.length - round))
    const start = performance.now()
    await field.press('Enter')
    await page.locator('.log mark').first().waitFor()
    times.push(performance.now() - start)
  }
  console.log(`  search until the last of ${format(LINES)} lines is shown: ${spread(times)} ms`)
}
