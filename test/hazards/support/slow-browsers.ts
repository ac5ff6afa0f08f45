import { expect } from 'vitest'
import { FEED, type FeedData, SHAPE } from '../../../src/protocol/index.ts'
import { readExposition } from '../../server/support/exposition.ts'
import { onStage } from '../../support/on-stage.ts'
import { Page } from '../../support/page.ts'
import { residentBytes } from '../../support/proc.ts'
import type { Stage } from '../../support/stage.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { BusyServer } from './busy-server.ts'
import { hashOf, Truth } from './ledger.ts'
import { type Pace, Tab } from './tab.ts'

const MiB = 1024 * 1024
/** What a server may grow by beside what its tabs cost: garbage, and a log on its way to the disk. */
const BESIDE = 256 * MiB
const PATIENCE_MS = 180_000
/** Of ten tabs, how they read. */
const PACES: readonly Pace[] = [
  'nothing',
  'slowly',
  'all',
  'nothing',
  'slowly',
  'nothing',
  'slowly',
  'all',
  'nothing',
  'slowly',
]
/** What a tab that does not read has waiting: with so much before it, an event waits in the feed. */
const STUCK = 256 * 1024
/** How often the server is weighed: each time costs it more than a tab does. */
const WEIGH_MS = 50
/** Lines at a time, until those that do not read are stuck: what the system itself holds for a socket differs. */
const LINES = 5_000
/** More than a subscriber may hold back. */
const WORKFLOWS = FEED.queueEvents + 76

/** What the server held at most, in bytes: for one of them, for all, and how much it grew. */
interface Cost {
  most: number
  all: number
  growth: number
}

/** So many tabs watch a busy server, most of them slowly or not at all; then all of them read again. */
export async function slowBrowsers(count: number): Promise<Cost> {
  const cost = { most: 0, all: 0, growth: 0 }
  await onStage(async (stage) => {
    await stage.serve()
    const busy = await BusyServer.open(stage)
    stage.cleanups.push(() => busy.close())
    const tabs = await openTabs(stage, count, topicsOf(busy))
    stage.cleanups.push(() => {
      for (const tab of tabs) tab.close()
    })
    const scales = new Scales(stage, cost)
    for (const [at, tab] of tabs.entries()) tab.read(paceOf(at))
    const deaf = tabs.filter(({ pace }) => pace === 'nothing')
    await waitUntil(() => isStuck(busy, scales, deaf.length), { what: 'tabs that are stuck', limitMs: PATIENCE_MS })
    await scales.until(busy.finish(WORKFLOWS))
    expect(closedOf(tabs)).toEqual([])
    // One by one: all at once would keep this process from answering the server in time.
    for (const tab of tabs) {
      tab.read('all')
      await knowsAll(tab, busy)
    }
    expect(await faultsOf(tabs)).toEqual([])
    for (const topic of [`logs/${busy.loud}`, 'workflows']) {
      const missed = deaf.map(({ ledgers }) => ledgers.get(topic)?.missed.length)
      expect(missed, `how often those that read nothing missed some of ${topic}`).not.toContain(0)
    }
    expect(cost.most).toBeLessThanOrEqual(FEED.queueBytes)
    expect(cost.growth).toBeLessThan(count * FEED.queueBytes + BESIDE)
  })
  return cost
}

const paceOf = (at: number) => PACES[at % PACES.length] ?? 'all'
const topicsOf = ({ loud }: BusyServer) => ['workflows', 'agents', 'queue', `workflow/${loud}`, `logs/${loud}`]

async function openTabs(stage: Stage, count: number, topics: readonly string[]): Promise<Tab[]> {
  const { token } = await (await stage.operator()).call('token.create', { role: 'viewer' })
  const browser = new Page(stage.server.url)
  await browser.json('POST', '/api/login', { token })
  const truths = new Map(topics.map((topic) => [topic, new Truth()]))
  const tabs: Tab[] = []
  for (let at = 0; at < count; at++) {
    const tab = await Tab.open(browser)
    for (const [topic, truth] of truths) await tab.subscribe(topic, truth)
    tabs.push(tab)
  }
  return tabs
}

/** Has lines written, as fast as they are stored, until those that do not read have as much waiting as they may. */
async function isStuck(busy: BusyServer, scales: Scales, deaf: number): Promise<boolean> {
  const { all, lines } = await scales.weigh()
  if (lines >= busy.said) busy.say(LINES)
  return all >= deaf * STUCK
}

/** Asks the server again and again what it holds, and how large it has become. */
class Scales {
  readonly #stage: Stage
  readonly #cost: Cost
  readonly #before: number
  #last = { at: Number.NEGATIVE_INFINITY, all: 0, lines: 0 }

  constructor(stage: Stage, cost: Cost) {
    this.#stage = stage
    this.#cost = cost
    this.#before = residentBytes(stage.server.process.pid)
  }

  /** Answers what it holds for all of them, and how many lines it has stored. */
  async weigh(): Promise<{ all: number; lines: number }> {
    if (performance.now() - this.#last.at < WEIGH_MS) return this.#last
    const { server } = this.#stage
    const response = await fetch(`${server.url}/metrics`)
    const families = readExposition(await response.text())
    const read = (name: string, of?: string) =>
      families.get(name)?.samples.find(({ labels }) => labels.of === of)?.value ?? Number.NaN
    const [most, all] = [read('drumline_unsent_bytes', 'most'), read('drumline_unsent_bytes', 'all')]
    this.#cost.most = Math.max(this.#cost.most, most)
    this.#cost.all = Math.max(this.#cost.all, all)
    this.#cost.growth = Math.max(this.#cost.growth, residentBytes(server.process.pid) - this.#before)
    this.#last = { at: performance.now(), all, lines: read('drumline_log_lines_stored_total') }
    return this.#last
  }

  /** Weighs until the work is done. */
  async until(work: Promise<void>): Promise<void> {
    let over = false
    const ended = work.finally(() => {
      over = true
    })
    const look = async () => {
      await this.weigh()
      return over
    }
    await Promise.all([ended, waitUntil(look, { what: 'the end of the work', limitMs: 2 * PATIENCE_MS })])
  }
}

/** Of those whose socket is gone: how they read, and why it went. */
function closedOf(tabs: readonly Tab[]): string[] {
  return tabs.flatMap(({ closed, pace }, at) =>
    closed === undefined ? [] : [`tab ${at}, which read ${pace}: ${closed.code} ${closed.reason}`],
  )
}

/** Waits until it knows what the server does: of the workflows the newest page, of the others all. */
async function knowsAll(tab: Tab, { operator, loud }: BusyServer): Promise<void> {
  const now = async () => {
    const { workflows } = await operator.call('list', { limit: SHAPE.page })
    const { agents } = await operator.call('agents', { limit: SHAPE.pageMax })
    return new Map<string, FeedData[]>([
      ['workflows', workflows.map((workflow) => ({ kind: 'workflow', workflow }))],
      ['agents', agents.map((agent) => ({ kind: 'agent', agent }))],
      ['queue', [{ kind: 'queue', queue: await operator.call('queue.info', {}) }]],
      [`workflow/${loud}`, [{ kind: 'workflow', workflow: await operator.call('get', { id: loud }) }]],
    ])
  }
  let unlike: string[] = []
  const knows = async () => {
    const all = [...(await now())]
    unlike = all.filter(([topic, each]) => tab.ledgers.get(topic)?.hash(each) !== hashOf(each)).map(([topic]) => topic)
    if (tab.closed !== undefined) throw new Error(`the socket is gone: ${closedOf([tab])}`)
    return unlike.length === 0
  }
  try {
    await waitUntil(knows, { what: 'what the server knows', limitMs: PATIENCE_MS })
  } catch (cause) {
    throw new Error(`a tab knows another state of: ${unlike.join(', ')}`, { cause })
  }
}

/** Waits until all have heard of the same last offset: each before it was told once, gave way to a newer one, or is in one range. */
async function faultsOf(tabs: readonly Tab[]): Promise<string[]> {
  const faults: string[] = []
  for (const topic of tabs[0]?.ledgers.keys() ?? []) {
    const ledgers = tabs.flatMap(({ ledgers }) => ledgers.get(topic) ?? [])
    const even = () => new Set(ledgers.map(({ upto }) => upto)).size === 1
    await waitUntil(even, { what: `the last of ${topic} everywhere`, limitMs: PATIENCE_MS })
    for (const ledger of ledgers) faults.push(...ledger.faults().map((fault) => `${topic}: ${fault}`))
  }
  return faults.slice(0, 10)
}
