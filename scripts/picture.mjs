// The pictures of the README: a server, its agents and real work, as Chromium shows them after a while.
//   npm run picture -- [--minutes 5] [--chromium /usr/bin/chromium]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { localBackend, runAgent } from 'drumline/agent'
import { startServer } from 'drumline/server'
import { chromium } from 'playwright-core'
import { lineToInstall } from './tools.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = new URL('picture/', import.meta.url)

const AGENTS = [
  { name: 'anvil', capacity: 3, labels: { pool: 'fast', branch: 'main' } },
  { name: 'bellows', capacity: 2, labels: { pool: 'fast' } },
  { name: 'crucible', capacity: 4, labels: { pool: 'heavy' } },
]

/** Which is submitted how often, in seconds; the last run begins so long before the picture. */
const EVERY = { links: 4, size: 13, preview: 11, nightly: 40 }
const LAST_RUN_MS = 30_000
const PREVIEW_MS = 6000

const texts = Object.fromEntries(
  readdirSync(files).map((name) => [name.replace('.yaml', ''), readFileSync(new URL(name, files), 'utf8')]),
)

/** A server in a folder of its own, and its agents. */
async function openStage() {
  const data = mkdtempSync(join(tmpdir(), 'drumline-picture-'))
  const server = await startServer({ port: 0, data })
  const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  const { token } = await server.createToken({ role: 'agent', name: 'picture' })
  const run = localBackend({ baseEnv: process.env })
  const agents = AGENTS.map((agent) => runAgent({ url: server.url, token, agent, run }))
  const close = async () => {
    await Promise.all(agents.map((agent) => agent.stop('the picture is taken')))
    await server.close()
    rmSync(data, { recursive: true, force: true })
  }
  return { server, admin, close }
}

async function ask(server, token, path, body) {
  const answer = await fetch(new URL(`api/${path}`, server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** Real work, until the pictures are due. Gives the id of the graph that runs then. */
async function work({ server, admin }, minutes) {
  const submit = async (...names) => {
    const asked = names.map((name) => ({ name: `${name}.yaml`, text: texts[name] }))
    const environment = { DRUMLINE_CHECKOUT: root }
    const { workflows } = await ask(server, admin, 'workflows', { files: asked, environment })
    return workflows.map(({ id }) => id)
  }
  const due = Date.now() + minutes * 60_000
  await submit('firmware')
  let graph
  for (let second = 0; Date.now() < due; second++) {
    for (const [name, seconds] of Object.entries(EVERY)) {
      if (second % seconds !== 0) continue
      const [id] = await submit(name)
      if (name === 'preview') void pause(PREVIEW_MS).then(() => cancel({ server, admin }, id))
    }
    if (graph === undefined && due - Date.now() < LAST_RUN_MS) [graph] = await submit('checks', 'release')
    await pause(1000)
  }
  return graph
}

async function cancel({ server, admin }, id) {
  await ask(server, admin, `workflows/${id}/cancel`, { reason: 'the branch was merged' })
}

/** What is shown by then is all there: the page says itself when it is live. */
async function take(browser, server, colorScheme, hash, shows, file) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1.5,
    locale: 'en-GB',
    colorScheme,
    // What pulses would be caught half faded.
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(await server.loginLink())
  await page.getByText('Live', { exact: true }).waitFor()
  await page.evaluate((to) => location.assign(to), hash)
  for (const text of shows) await page.getByText(text).first().waitFor()
  await pause(2000)
  await page.screenshot({ path: join(root, 'docs', file) })
  console.log(`docs/${file}`)
  await context.close()
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, chromium: { type: 'string', default: '/usr/bin/chromium' } },
})
const browser = await chromium
  .launch({ executablePath: values.chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  .catch((error) => {
    console.error(error.message.split('\n', 1)[0])
    console.error(`Chromium is needed: ${lineToInstall(['chromium'])}, or --chromium PATH`)
    process.exit(2)
  })
const stage = await openStage()
console.log(`${values.minutes} minutes of work on ${stage.server.url}`)
try {
  const graph = await work(stage, Number(values.minutes))
  await take(browser, stage.server, 'light', '#/', ['nightly'], 'dashboard.png')
  await take(browser, stage.server, 'dark', `#/workflows/${graph}?step=wire`, ['passed'], 'dashboard-workflow.png')
} finally {
  await browser.close()
  await stage.close()
}
