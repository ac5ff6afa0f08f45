import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SEARCH } from '../../../../src/protocol/index.ts'
import type { Agent } from './agent.ts'
import { type OpenStore, World } from './world.ts'

/** Choosing from a long list, by an index or by looking at what it has. */
export function choosing(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  text(
    () => world,
    () => agent,
  )
}

function text(home: () => World, its: () => Agent): void {
  describe('a list by text', () => {
    const list = (page: object) => home().store.list({ limit: 10, ...page })
    const ids = async (page: object) => (await list(page)).workflows.map(({ id }) => id)

    test('finds it in the name, the id, the agent’s name or a label, in large or small letters', async () => {
      const a = await home().submit({ name: 'Deploy Größe' })
      const b = await home().submit({ name: 'test', labels: { repo: 'acme/site' } })
      const c = await home().submit({ name: 'lint' })
      const { id: d } = await home().running(its(), { name: 'build' })
      expect(await ids({ text: 'deploy' })).toEqual([a])
      expect(await ids({ text: 'GRÖSSE' })).toEqual([])
      expect(await ids({ text: 'GRÖ' })).toEqual([a])
      expect(await ids({ text: 'repo=ACME' })).toEqual([b])
      expect(await ids({ text: c.toUpperCase() })).toEqual([c])
      expect(await ids({ text: its().name.slice(1) })).toEqual([d])
      expect(await ids({ text: 'nothing' })).toEqual([])
      expect(await ids({ text: 'w', state: ['running'] })).toEqual([d])
      expect(await ids({ text: 't', labels: { repo: 'acme/site' } })).toEqual([b])
      expect(await ids({ text: 'e', scope: { repo: 'other' } })).toEqual([])
    })

    test('goes on from page to page, and looks at so many workflows and no more for one of them', async () => {
      const names = Array.from({ length: SEARCH.listRows + 700 }, (_, at) => `w${at}`)
      const first = ['old needle', ...names.slice(0, 100)]
      for (const group of [first, ...groupsOf(names.slice(100), 100)]) {
        await home().submitAll(
          ...group.map((name) => ({ name, labels: { team: name === 'old needle' ? 'x' : 'y', all: '1' } })),
        )
      }
      const rare = [{ text: 'NEEDLE' }, { labels: { all: '1', team: 'x' } }, { state: ['pending'], text: 'needle' }]
      for (const page of rare) {
        const none = await list(page)
        expect(none).toMatchObject({ workflows: [], next: expect.any(String) })
        expect(await ids({ ...page, before: none.next })).toEqual(['old needle'])
      }
      const some = await list({ text: 'w5', limit: 3 })
      expect(some.workflows.map(({ id }) => id)).toEqual(['w5699', 'w5698', 'w5697'])
      expect(await ids({ text: 'w5', limit: 2, before: some.next })).toEqual(['w5696', 'w5695'])
    })

    test('reads states that one index has, newest first, page by page', async () => {
      const [a, b, c, d] = [await home().submit(), await home().submit(), await home().submit(), await home().submit()]
      await home().store.requestCancel([b, c], 'no more')
      await its().run(a)
      const ended = await list({ state: ['canceled', 'success'], limit: 2 })
      expect(ended.workflows.map(({ id }) => id)).toEqual([c, b])
      expect(await ids({ state: ['success', 'canceled', 'success'], before: ended.next })).toEqual([a])
      expect(await ids({ state: ['pending'] })).toEqual([d])
    })
  })
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
