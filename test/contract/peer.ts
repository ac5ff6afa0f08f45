import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LeaseLost } from '../../src/protocol/index.ts'
import { BEGUN, Bench, began, CANCELED, ENDED, ended, type Given, type MakePeer } from './bench.ts'
import { registering } from './registering.ts'

/** The contract's eleven methods as `peer.ts` documents them, for whatever implements them. */
export function peerContract(name: string, makePeer: MakePeer): void {
  let bench: Bench
  const given = () => bench
  beforeEach(async () => {
    bench = await Bench.open(makePeer)
  })
  afterEach(() => bench.close())
  describe(`${name}: work is handed out`, () => handingOut(given))
  describe(`${name}: an attempt runs`, () => running(given))
  describe(`${name}: an attempt ends`, () => ending(given))
  describe(`${name}: the agent itself`, () => registering(given))
}

function handingOut(given: Given): void {
  test('next waits until there is work that suits', async () => {
    const peer = await given().peer({ labels: { gpu: 'yes' } })
    const next = peer.next()
    await given().submit({ name: 'other', labels: { gpu: 'no' } })
    await given().submit({ name: 'mine', labels: { gpu: 'yes' } })
    expect(await next).toMatchObject({ attempt: 1, ttlMs: 30_000, offerMs: 10_000, workflow: { name: 'mine' } })
  })

  test('next counts the labels of its filter', async () => {
    const peer = await given().peer()
    const next = peer.next({ labels: { zone: 'b' } })
    await given().submit({ labels: { zone: 'b' } })
    expect(await next).toMatchObject({ workflow: { labels: { zone: 'b' } } })
  })

  test('an aborted next resolves with null and leaves the work to others', async () => {
    const peer = await given().peer()
    const controller = new AbortController()
    const aborted = peer.next({}, { signal: controller.signal })
    controller.abort()
    expect(await aborted).toBeNull()
    expect(await peer.next({}, { signal: AbortSignal.abort() })).toBeNull()
    expect((await given().taken(peer)).attempt).toBe(1)
  })

  test('a declined offer goes to another agent and not to the same', async () => {
    const peer = await given().peer()
    const offer = await given().taken(peer)
    await peer.decline(offer, 'no disk')
    const again = peer.next()
    const other = await given().peer({ name: 'bellows' })
    expect(await other.next()).toMatchObject({ workflowId: offer.workflowId })
    await given().submit({ name: 'second' })
    expect(await again).toMatchObject({ workflow: { name: 'second' } })
  })

  test('declining twice is no error, and accepting afterwards is LeaseLost', async () => {
    const peer = await given().peer()
    const offer = await given().taken(peer)
    await peer.decline(offer, 'no disk')
    await expect(peer.decline(offer, 'no disk')).resolves.toBeUndefined()
    await expect(peer.init(offer, BEGUN)).rejects.toBeInstanceOf(LeaseLost)
  })

  test('init brings the values of the secrets', async () => {
    const peer = await given().peer()
    const next = peer.next()
    const id = await given().submit({ secrets: ['KEY'] }, { KEY: 'hush' })
    const offer = await next
    if (offer === null) throw new Error('no offer')
    expect(await peer.init(offer, BEGUN)).toEqual({ secrets: { KEY: 'hush' } })
    expect(await given().show(id)).toMatchObject({ state: 'running', attempt: 1, agent: 'anvil' })
  })

  test('an aborted init rejects, and the offer may have been accepted', async () => {
    const peer = await given().peer()
    const offer = await given().taken(peer)
    await expect(peer.init(offer, BEGUN, { signal: AbortSignal.abort() })).rejects.toMatchObject(CANCELED)
  })
}

function running(given: Given): void {
  test('update shows the steps as they go', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    await peer.update(offer, began('s1'))
    expect((await given().show(offer.workflowId)).steps[0]).toMatchObject({ state: 'running' })
    await peer.update(offer, ended('s1', 3))
    expect((await given().show(offer.workflowId)).steps[0]).toMatchObject({ state: 'failure', exitCode: 3 })
  })

  test('an aborted update rejects and is delivered all the same', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const aborted = peer.update(offer, began('s2'), { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject(CANCELED)
    const isRunning = given().until(offer.workflowId, ({ steps }) => steps[1]?.state === 'running')
    expect(await isRunning).toMatchObject({ state: 'running' })
  })

  test('enqueueLog keeps lines complete and in order, with the last newline added', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const text = Array.from({ length: 4000 }, (_, at) => `line ${at + 1}`)
    for (const line of text) peer.enqueueLog(offer, { stepId: 's1', kind: 'out', text: line })
    await peer.update(offer, ended('s1'))
    await peer.done(offer, ENDED)
    await given().until(offer.workflowId, ({ logs }) => logs === 'complete')
    expect(await given().log(offer.workflowId)).toBe(`${text.join('\n')}\n`)
  })

  test('enqueueLog cuts a long line into pieces that say they go on', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    peer.enqueueLog(offer, { stepId: 's1', kind: 'err', text: `${'é'.repeat(5000)}\nshort\n` })
    await given().until(offer.workflowId, ({ steps }) => steps[0]?.lines === 3)
    const { parts } = await given().operator.call('logs', { id: offer.workflowId })
    const runs = parts.flatMap((part) => (part.kind === 'lines' ? part.runs : []))
    expect(runs.flatMap(([count, , kind]) => Array(count).fill(kind))).toEqual(['err+', 'err', 'err'])
    expect((await given().log(offer.workflowId)).replaceAll('\n', '')).toBe(`${'é'.repeat(5000)}short`)
  })

  test('extend renews a lease that is held', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    await expect(peer.extend(offer)).resolves.toBeUndefined()
  })

  test('wait goes on until the work is done, and answers at once afterwards', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const wait = peer.wait(offer)
    await peer.done(offer, ENDED)
    expect(await wait).toEqual({ canceled: false })
    expect(await peer.wait(offer)).toEqual({ canceled: false })
  })

  test('an aborted wait says nothing of the work', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const controller = new AbortController()
    const wait = peer.wait(offer, { signal: controller.signal })
    controller.abort()
    expect(await wait).toEqual({ canceled: false, aborted: true })
    await expect(peer.extend(offer)).resolves.toBeUndefined()
  })
}

function ending(given: Given): void {
  test('a cancel ends the wait with its reason and grace, and is seen to have been received', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const wait = peer.wait(offer)
    await given().cancel(offer.workflowId, 'wrong branch')
    expect(await wait).toEqual({ canceled: true, reason: 'wrong branch', graceMs: 5_000 })
    await given().until(offer.workflowId, ({ cancel }) => (cancel?.received ?? null) !== null)
    await peer.done(offer, { ...ENDED, canceled: true })
    expect(await given().show(offer.workflowId)).toMatchObject({ state: 'canceled' })
  })

  test('a requeue takes the lease away: wait and extend reject, done resolves and changes nothing', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const lost = expect(peer.wait(offer)).rejects.toBeInstanceOf(LeaseLost)
    await given().operator.call('requeue', { id: offer.workflowId })
    await lost
    await expect(peer.extend(offer)).rejects.toBeInstanceOf(LeaseLost)
    await expect(peer.update(offer, began('s1'))).rejects.toBeInstanceOf(LeaseLost)
    await expect(peer.done(offer, ENDED)).resolves.toBeUndefined()
    expect(await given().show(offer.workflowId)).toMatchObject({ state: 'pending', finished: null })
  })

  test('the work runs anew once the agent says that the old attempt has stopped', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    await given().operator.call('requeue', { id: offer.workflowId })
    await expect(peer.wait(offer)).rejects.toBeInstanceOf(LeaseLost)
    await peer.done(offer, ENDED)
    expect(await peer.next()).toMatchObject({ workflowId: offer.workflowId, attempt: 2 })
  })

  test('done reports every step, those that never ran as skipped', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    peer.enqueueLog(offer, { stepId: 's1', kind: 'out', text: 'only' })
    await peer.update(offer, ended('s1', 1))
    await peer.done(offer, ENDED)
    const workflow = await given().until(offer.workflowId, ({ logs }) => logs !== 'open')
    expect(workflow).toMatchObject({ state: 'failure', logs: 'complete' })
    const steps = workflow.steps.map(({ state, lines }) => ({ state, lines }))
    expect(steps).toEqual([
      { state: 'failure', lines: 1 },
      { state: 'skipped', lines: 0 },
    ])
  })

  test('done twice is success', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    await peer.update(offer, ended('s1'))
    await peer.update(offer, ended('s2'))
    await peer.done(offer, ENDED)
    await expect(peer.done(offer, ENDED)).resolves.toBeUndefined()
    expect(await given().show(offer.workflowId)).toMatchObject({ state: 'success' })
  })

  test('an aborted done rejects and is delivered all the same', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    const aborted = peer.done(offer, ENDED, { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject(CANCELED)
    const workflow = await given().until(offer.workflowId, ({ finished }) => finished !== null)
    expect(workflow.state).not.toBe('running')
  })

  test('work that was never handed to this peer is lost to it', async () => {
    const peer = await given().peer()
    await expect(peer.init({ workflowId: 'w', lease: 'nobody' }, BEGUN)).rejects.toBeInstanceOf(LeaseLost)
  })
}
