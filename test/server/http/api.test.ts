import { describe, expect, test } from 'vitest'
import { toShown, type WorkflowDetail } from '../../../src/protocol/index.ts'
import { spec } from '../support/house.ts'
import { many, openFront } from './front.ts'

describe('looking', () => {
  test('gives a workflow as the command line prints it', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const id = await front.house.submit()
    const {
      steps: _1,
      missing: _2,
      dependsOn: _3,
      attempts: _4,
      terms: _5,
      ...row
    } = toShown(await front.house.show(id))
    expect(await viewer.json<WorkflowDetail>('GET', `/api/workflows/${id}`)).toEqual(
      toShown(await front.house.show(id)),
    )
    expect(await viewer.json('GET', '/api/workflows')).toEqual({ workflows: [row], next: null })
    expect(await viewer.json('GET', `/api/workflows/${id}/explain`)).toMatchObject({ reasons: [{ code: 'offline' }] })
    expect(await viewer.json('GET', '/api/queue')).toMatchObject({ pending: 1, paused: false })
  })

  test('pages through a list, filtered as asked, and meets each once', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const wanted: string[] = []
    for (const at of many(5)) {
      wanted.unshift(await front.house.submit({ labels: { pool: 'a=b', n: String(at) } }))
      await front.house.submit()
    }
    const met: string[] = []
    for (let before: string | null = ''; before !== null; ) {
      const query = `state=pending&state=running&label=pool%3Da%3Db&limit=2${before && `&before=${before}`}`
      const page: { workflows: { id: string }[]; next: string | null } = await viewer.json(
        'GET',
        `/api/workflows?${query}`,
      )
      met.push(...page.workflows.map(({ id }) => id))
      before = page.next
    }
    expect(met).toEqual(wanted)
    expect(await viewer.json('GET', '/api/workflows?state=success')).toEqual({ workflows: [], next: null })
    const byText = await viewer.json<{ workflows: { id: string }[] }>('GET', '/api/workflows?text=POOL%3Da&limit=10')
    expect(byText.workflows.map(({ id }) => id)).toEqual(wanted)
  })

  test('a page of workflows with all the labels there may be is cut to what a message holds', async () => {
    const front = await openFront()
    const labels = Object.fromEntries(many(64).map((at) => [`label-${at}`, 'value']))
    await front.house.store.submit(
      many(200).map((at) => ({ id: `w${at}`, spec: spec({ labels }) })),
      {},
    )
    const operator = await front.house.operator()
    const met = new Set<string>()
    for (let before: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(before)
      expect(page.workflows.length).toBeGreaterThan(10)
      for (const { id } of page.workflows) met.add(id)
      before = page.next
      if (before === null) break
    }
    expect(met.size).toBe(200)

    function list(before: string | null) {
      return operator.call('list', { limit: 200, ...(before !== null && { before }) })
    }
  })

  test.each([
    '/api/workflows?limt=1',
    '/api/workflows?text=',
    '/api/workflows?limit=0',
    '/api/workflows?limit=9999',
    '/api/workflows?limit=x',
    '/api/workflows?state=sleeping',
    '/api/workflows?label=pool',
    '/api/workflows?label=!!=1',
    '/api/workflows?before=x',
    '/api/workflows/%20/logs',
    '/api/agents?before=%00',
    '/api/workflows?limit=1&limit=2',
  ])('%s does not fit', async (path) => {
    const front = await openFront()
    expect(await (await front.as('viewer')).refused('GET', path)).toMatchObject({ status: 400, code: 'bad_request' })
  })
})

describe('changing', () => {
  test('cancels, with a reason or without, and says how it stands', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const [first, second] = [await front.house.submit(), await front.house.submit()]
    expect(await operator.json('POST', `/api/workflows/${first}/cancel`)).toEqual({ id: first, state: 'canceled' })
    await operator.json('POST', `/api/workflows/${second}/cancel`, { body: '{"reason":"wrong branch"}' })
    expect((await front.house.show(second)).cancel?.reason).toBe('wrong branch')
    expect(await operator.json('POST', `/api/workflows/${first}/cancel`)).toEqual({ id: first, state: 'canceled' })
    expect(await operator.json('POST', `/api/workflows/${first}/requeue`)).toMatchObject({
      id: first,
      state: 'pending',
    })
  })

  test('pauses the queue and lets it go on', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    expect(await operator.json('POST', '/api/queue/pause')).toEqual({ paused: true })
    expect(await operator.json('GET', '/api/queue')).toMatchObject({ paused: true })
    expect(await operator.json('POST', '/api/queue/resume')).toEqual({ paused: false })
    expect(await operator.json('GET', '/api/queue')).toMatchObject({ paused: false })
  })

  test('of a workflow whose secrets are erased is a conflict', async () => {
    const front = await openFront()
    const id = 'w'
    await front.house.store.submit([{ id, spec: spec({ secrets: ['KEY'] }) }], { KEY: 'hush' })
    const operator = await front.as('operator')
    await operator.json('POST', `/api/workflows/${id}/cancel`)
    expect(await operator.refused('POST', `/api/workflows/${id}/requeue`)).toMatchObject({
      status: 409,
      code: 'conflict',
    })
  })
})

describe('a request', () => {
  test('while the server goes is told to come back', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    front.closed = 'the server is draining'
    const refused = await viewer.refused('GET', '/api/queue')
    expect(refused).toMatchObject({ status: 503, code: 'unavailable', message: 'the server is draining' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await viewer.fetch('GET', '/readyz')).status).toBe(503)
    expect((await viewer.fetch('GET', '/healthz')).status).toBe(200)
  })

  test('for what is not there, or by a method that is not, hears so', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    expect(await viewer.refused('GET', '/api/nothing')).toMatchObject({ status: 404, code: 'not_found' })
    expect(await viewer.refused('GET', '/nothing')).toMatchObject({ status: 404, code: 'not_found' })
    const refused = await viewer.refused('DELETE', '/api/workflows')
    expect(refused).toMatchObject({ status: 405, code: 'unknown_method' })
    expect(refused.headers.get('allow')).toBe('POST, GET, HEAD')
  })

  test('for the head alone gets the headers and no body', async () => {
    const front = await openFront()
    const viewer = await front.as('viewer')
    const id = await front.house.submit()
    for (const path of ['/api/queue', `/api/workflows/${id}/logs?follow=1`, '/healthz']) {
      const response = await viewer.fetch('HEAD', path)
      expect([response.status, await response.text()], path).toEqual([200, ''])
      expect(response.headers.get('drumline')).toBe('1')
    }
  })
})
