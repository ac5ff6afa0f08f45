import { describe, expect, test } from 'vitest'
import { Asker } from '../http/asker.ts'
import { town } from './town.ts'

describe('case 13: two tenants: over HTTP', () => {
  const routes = (id: string): [method: string, path: string][] => [
    ['GET', `/api/workflows/${id}`],
    ['GET', `/api/workflows/${id}/logs`],
    ['GET', `/api/workflows/${id}/logs?follow=1`],
    ['GET', `/api/workflows/${id}/explain`],
    ['POST', `/api/workflows/${id}/cancel`],
    ['POST', `/api/workflows/${id}/requeue`],
  ]

  test("the other's workflow is no workflow", async () => {
    const { front, a, everything } = await town()
    const asker = new Asker(front.url, 'operator-of-b')
    const before = everything()
    for (const id of [a.pending, a.running.workflowId, a.ended]) {
      const nobody = 'x'.repeat(id.length)
      for (const [at, [method, path]] of routes(id).entries()) {
        const unknown = await asker.fetch(method, routes(nobody)[at]?.[1] ?? '')
        const foreign = await asker.fetch(method, path)
        expect([foreign.status, (await foreign.text()).replaceAll(id, nobody)]).toEqual([404, await unknown.text()])
      }
      const dependingOn = (given: string) =>
        asker.refused('POST', '/api/workflows', { body: `depends_on: ${given}\nsteps: [{name: s, commands: x}]` })
      const [foreign, unknown] = [await dependingOn(id), await dependingOn(nobody)]
      expect(JSON.stringify({ ...foreign, headers: 0 }).replaceAll(id, nobody)).toBe(
        JSON.stringify({ ...unknown, headers: 0 }),
      )
    }
    expect(everything()).toEqual(before)
  })

  test('what concerns the whole server is forbidden, its numbers too', async () => {
    const { front } = await town()
    const asker = new Asker(front.url, 'operator-of-b')
    for (const [method, path] of [
      ['POST', '/api/queue/pause'],
      ['POST', '/api/queue/resume'],
      ['GET', '/metrics'],
    ] as const) {
      expect(await asker.refused(method, path)).toMatchObject({ status: 403, code: 'forbidden' })
    }
    expect((await asker.json<{ agents: unknown[] }>('GET', '/api/agents')).agents).toHaveLength(1)
    expect(await asker.json('GET', '/api/queue')).toMatchObject({ pending: 1, running: 1 })
  })
})
