import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Offer, WorkflowSpec } from '../../../src/protocol/index.ts'
import type { Store } from '../../../src/server/store/store.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { TestClient } from '../support/client.ts'
import type { Asker } from './asker.ts'
import { type Front, openFront } from './front.ts'

const STEPS: Partial<WorkflowSpec> = {
  steps: [
    { id: 's1', name: 'build', commands: ['make'] },
    { id: 's2', name: 'test', commands: ['make test'] },
  ],
}

/** A running workflow, in the hands of a test. */
class Work {
  readonly front: Front
  readonly agent: TestClient
  readonly offer: Offer
  readonly #by: Parameters<Store['appendLog']>[0]

  private constructor(front: Front, agent: TestClient, offer: Offer, by: Parameters<Store['appendLog']>[0]) {
    this.front = front
    this.agent = agent
    this.offer = offer
    this.#by = by
  }

  static async begin(front: Front): Promise<Work> {
    const agent = front.house.connect(await front.house.credential('agent'))
    const { connection, agent: seated } = await agent.arrive()
    const by = { agentId: seated?.id ?? '', connection }
    return new Work(front, agent, await front.house.running(agent, STEPS), by)
  }

  get id(): string {
    return this.offer.workflowId
  }

  get logs(): string {
    return `/api/workflows/${this.id}/logs`
  }

  /** The same by another attempt. */
  next(offer: Offer | null): Work {
    if (offer === null) throw new Error('no offer')
    return new Work(this.front, this.agent, offer, this.#by)
  }

  async start(stepId: string): Promise<void> {
    const { lease } = this.offer
    const step = { stepId, state: 'running' as const, started: 1000, finished: null, exitCode: null, error: '' }
    await this.agent.call('update', { lease, seq: 1, step })
  }

  /** Stores lines, past the agent's credit. */
  async write(
    stepId: string,
    from: number,
    ...lines: [kind: 'out' | 'err' | 'command' | 'out+', text: string][]
  ): Promise<void> {
    const text = lines.map(([, line]) => `${line}\n`).join('')
    const runs = lines.map(([kind], at): [number, number, typeof kind] => [1, at, kind])
    await this.#append({ stepId, from, to: from + lines.length - 1, lines: { text, runs } })
  }

  async gap(stepId: string, from: number, to: number, reason: string): Promise<void> {
    await this.#append({ stepId, from, to, lines: null, reason })
  }

  async done(lines: Record<string, number>): Promise<void> {
    const steps = Object.entries(lines).map(([stepId, count]) => ({
      stepId,
      state: 'success' as const,
      started: 1000,
      finished: 2000,
      exitCode: 0,
      error: '',
      lines: count,
    }))
    const state = { started: 1000, finished: 2000, error: '', canceled: false }
    await this.agent.call('done', { lease: this.offer.lease, state, steps })
  }

  async #append(append: Omit<Parameters<Store['appendLog']>[1], 'lease'>): Promise<void> {
    await this.front.house.store.appendLog(this.#by, { lease: this.offer.lease, ...append })
  }
}

async function begin(wrap?: (store: Store) => Store): Promise<{ front: Front; work: Work; viewer: Asker }> {
  const front = await openFront(wrap)
  return { front, work: await Work.begin(front), viewer: await front.as('viewer') }
}

/** What a follower has read so far. */
function read(response: Response): { text: string; end: Promise<'whole' | 'broken'> } {
  const decoder = new TextDecoder()
  const reading = { text: '', end: Promise.resolve<'whole' | 'broken'>('whole') }
  const run = async () => {
    for await (const chunk of response.body ?? []) reading.text += decoder.decode(chunk, { stream: true })
  }
  reading.end = run().then(
    () => 'whole',
    () => 'broken',
  )
  return reading
}

/** Follows, and lets what was told at the start settle: from then on nothing waits for the clock. */
async function follow(work: Work, viewer: Asker): Promise<ReturnType<typeof read>> {
  const reading = read(await viewer.fetch('GET', `${work.logs}?follow=1`))
  await work.front.house.clock.advance(0)
  return reading
}

describe('the log of a workflow', () => {
  test('is the text of the lines and nothing else, of one step or with the commands if asked', async () => {
    const { work, viewer } = await begin()
    await work.write(
      's1',
      1,
      ['command', '+ make'],
      ['out', 'hello'],
      ['out+', 'a long '],
      ['err', 'oops'],
      ['out', 'line'],
    )
    await work.write('s2', 1, ['out', 'tested ü'])
    await work.done({ s1: 5, s2: 1 })
    const text = async (query: string) => (await viewer.fetch('GET', `${work.logs}${query}`)).text()
    expect(await text('')).toBe('hello\noops\na long line\ntested ü\n')
    expect(await text('?step=test')).toBe('tested ü\n')
    expect(await text('?step=s1&commands=1')).toBe('+ make\nhello\noops\na long line\n')
    expect(await text('?attempt=1&follow=1')).toBe('hello\noops\na long line\ntested ü\n')
    const response = await viewer.fetch('GET', work.logs)
    expect(response.headers.get('drumline-logs')).toBe('complete')
    expect(response.headers.get('drumline-attempt')).toBe('1')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    await response.text()
  })

  test('is a row a line where that is accepted, as the command line prints them', async () => {
    const { work, viewer } = await begin()
    await work.start('s1')
    await work.write('s1', 1, ['command', '+ make'], ['out', 'hello'], ['err', 'oops'])
    const headers = { accept: 'application/x-ndjson' }
    const rows = (await (await viewer.fetch('GET', work.logs, { headers })).text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      { step: 'build', line: 2, time: 1001, kind: 'out', text: 'hello' },
      { step: 'build', line: 3, time: 1002, kind: 'err', text: 'oops' },
    ])
  })

  test('has a mark in place of lines that are missing, and one at the end for those that never came', async () => {
    const { front, work, viewer } = await begin()
    await work.write('s1', 1, ['out', 'one'])
    await work.gap('s1', 2, 7, 'the spool\nwas full')
    await work.write('s1', 8, ['out', 'eight'])
    await work.done({ s1: 10, s2: 0 })
    await front.house.clock.advance(2 * 3_600_000)
    await front.house.sweep()
    const response = await viewer.fetch('GET', work.logs)
    expect(response.headers.get('drumline-logs')).toBe('incomplete')
    expect(await response.text()).toBe(
      'one\n[drumline: lines 2 to 7 of build are missing: the spool was full]\neight\n' +
        '[drumline: lines 9 to 10 of build are missing: its agent never sent them]\n',
    )
    const headers = { accept: 'application/x-ndjson' }
    const rows = (await (await viewer.fetch('GET', work.logs, { headers })).text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row)).filter(({ kind }) => kind === 'gap')).toMatchObject([
      { step: 'build', line: 2, to: 7, time: null },
      { step: 'build', line: 9, to: 10, time: null },
    ])
  })

  test('that is not there is not found, before a byte of it', async () => {
    const { work, viewer } = await begin()
    expect(await viewer.refused('GET', `${work.logs}?attempt=2`)).toMatchObject({ status: 404 })
    expect(await viewer.refused('GET', `${work.logs}?step=deploy`)).toMatchObject({ status: 404, code: 'not_found' })
    expect(await viewer.refused('GET', '/api/workflows/none/logs?follow=1')).toMatchObject({ status: 404 })
  })
})

describe('following a log', () => {
  test('goes on line by line until the workflow has ended, and says how it ended in a trailer', async () => {
    const { front, work } = await begin()
    const got = await rawFollow(front, work)
    await work.write('s1', 1, ['out', 'first'])
    await waitUntil(() => got.text.includes('first\n'), { what: 'the first line', limitMs: 15_000 })
    await work.write('s1', 2, ['out', 'second'])
    await work.done({ s1: 2, s2: 0 })
    await got.closed
    expect(got.text).toContain('\r\ndrumline-logs: open\r\n')
    expect(got.text).toContain('first\n')
    expect(got.text).toContain('second\n')
    expect(got.text).toMatch(/\r\n0\r\ndrumline-attempt-end: 1\r\ndrumline-logs-end: complete\r\n\r\n$/)
  })

  test('waits ten seconds for lines that are owed, then says that they have not come', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'one'])
    await waitUntil(() => reading.text === 'one\n', { what: 'the line', limitMs: 15_000 })
    await work.done({ s1: 3, s2: 0 })
    await front.house.clock.advance(5_000)
    expect(reading.text).toBe('one\n')
    let ended = false
    void reading.end.then(() => {
      ended = true
    })
    const later = () => front.house.clock.advance(1_000).then(() => ended)
    await waitUntil(later, { what: 'the end', limitMs: 15_000 })
    expect(await reading.end).toBe('whole')
    expect(reading.text).toBe('one\n[drumline: the workflow has ended, and its last lines have not come yet]\n')
  })

  test('goes over to the next attempt, and says so', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'once'])
    await waitUntil(() => reading.text === 'once\n', { what: 'the line', limitMs: 15_000 })
    const next = work.agent.call('next', {})
    await front.house.store.requeue(work.id)
    await work.agent.call('extend', { leases: [{ lease: work.offer.lease, phase: 'fenced' }] })
    await front.house.clock.advance(2 * 3_600_000)
    const offer = await next
    expect(offer?.attempt).toBe(2)
    const second = work.next(offer)
    await work.agent.call('init', {
      lease: offer?.lease ?? '',
      state: { started: 1, finished: 0, error: '', canceled: false },
    })
    await second.write('s1', 1, ['out', 'twice'])
    await second.done({ s1: 1, s2: 0 })
    expect(await reading.end).toBe('whole')
    expect(reading.text).toBe('once\n[drumline: attempt 2]\ntwice\n')
  })

  test('ends with its reader: nothing of it is left', async () => {
    const { front, work, viewer } = await begin()
    const { core } = front.house
    const before = { ...core.feed.size, connected: core.connections.size }
    const readers = Array.from({ length: 20 }, () => new AbortController())
    const all = await Promise.all(readers.map(({ signal }) => viewer.fetch('GET', `${work.logs}?follow=1`, { signal })))
    const readings = all.map(read)
    expect(core.feed.size.subscriptions).toBe(before.subscriptions + 40)
    for (const reader of readers) reader.abort()
    expect(await Promise.all(readings.map(({ end }) => end))).toEqual(Array(20).fill('broken'))
    await waitUntil(() => core.feed.size.subscriptions === before.subscriptions, {
      what: 'the last subscription',
      limitMs: 15_000,
    })
    await waitUntil(() => core.connections.size === before.connected, { what: 'the last connection', limitMs: 15_000 })
  })

  test('is cut, not ended, when the server goes', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'one'])
    await waitUntil(() => reading.text === 'one\n', { what: 'the line', limitMs: 15_000 })
    await front.close()
    expect(await reading.end).toBe('broken')
  })

  test('is cut when its credential is revoked', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    const { id } = (await front.house.store.listCredentials()).find(({ name }) => name === 'viewer') ?? { id: '' }
    await (await front.house.operator()).call('token.revoke', { id })
    expect(await reading.end).toBe('broken')
  })

  test('by one who does not read costs a page, not the log', { timeout: 60_000 }, async () => {
    let bytes = 0
    const { front, work } = await begin((store) => ({
      ...bound(store),
      readLogs: async (ask) => {
        const page = await store.readLogs(ask)
        bytes += JSON.stringify(page).length
        return page
      },
    }))
    const slow = await rawFollow(front, work)
    slow.pause()
    const chunk = Array.from({ length: 60 }, (): ['out', string] => ['out', 'x'.repeat(1000)])
    for (let from = 1; from < 24_000; from += 60) await work.write('s1', from, ...chunk)
    await work.done({ s1: 24_000, s2: 0 })
    // What the kernel holds for the two ends of the socket, and a page.
    expect(bytes).toBeLessThan(16 * 1024 * 1024)
    slow.resume()
    await slow.closed
    expect(slow.text.split(`${'x'.repeat(1000)}\n`)).toHaveLength(24_001)
    expect(slow.text).toMatch(/drumline-logs-end: complete\r\n\r\n$/)
  })
})

/** The store with its methods bound, so that some can be replaced. */
function bound(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

interface RawFollow {
  text: string
  readonly closed: Promise<void>
  pause(): void
  resume(): void
}

/** Follows by a bare socket, to see what stands on the wire. */
async function rawFollow(front: Front, work: Work): Promise<RawFollow> {
  await front.as('viewer')
  const socket = connect(front.port, '127.0.0.1')
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => resolve())
  })
  const got: RawFollow = { text: '', closed, pause: () => socket.pause(), resume: () => socket.resume() }
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    got.text += chunk
  })
  const headers = ['host: drumline', 'authorization: Bearer token-of-viewer', 'connection: close']
  socket.write([`GET ${work.logs}?follow=1 HTTP/1.1`, ...headers, '', ''].join('\r\n'))
  await waitUntil(() => got.text.includes('\r\n\r\n'), { what: 'the head of the answer', limitMs: 15_000 })
  await front.house.clock.advance(0)
  return got
}
