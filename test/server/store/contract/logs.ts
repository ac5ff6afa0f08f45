import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogPart } from '../../../../src/protocol/index.ts'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rule 10: lines are stored once, in order, or named as missing. */
export function logs(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('lines', () => {
    test('are stored and read back as they came, whatever characters they hold', async () => {
      const { id, lease } = await world.running(agent)
      const lines = [
        'plain',
        '\u001b[31mred\u001b[0m',
        'nul \0 inside',
        'mark \u{10FFFF}0 \u{10FFFF}',
        'ünïcode 🥁',
        '',
      ]
      expect(await agent.log(lease, 's1', 1, lines)).toEqual({ upto: 6, hole: false })
      expect(await textOf(id)).toBe(lines.map((line) => `${line}\n`).join(''))
    })

    test('that are stored already are dropped, and a part of them is trimmed', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a', 'b', 'c'])
      expect(await agent.log(lease, 's1', 2, ['other', 'other'])).toEqual({ upto: 3, hole: false })
      expect(await agent.log(lease, 's1', 2, ['other', 'other', 'd', 'e'])).toEqual({ upto: 5, hole: false })
      expect(await textOf(id)).toBe('a\nb\nc\nd\ne\n')
      const last = (await partsOf(id)).at(-1)
      expect(last).toMatchObject({ from: 4, to: 5, runs: [[2, 5, 'out']] })
    })

    test('after a hole write nothing and are asked for from where it begins', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a'])
      expect(await agent.log(lease, 's1', 3, ['c'])).toEqual({ upto: 1, hole: true })
      expect(await textOf(id)).toBe('a\n')
      expect((await world.get(id)).steps[0]?.lines).toBe(1)
    })

    test('of each step count from one', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a'])
      await agent.log(lease, 's2', 1, ['b'])
      await agent.log(lease, 's1', 2, ['c'])
      expect((await partsOf(id)).map(({ stepId, from }) => [stepId, from])).toEqual([
        ['s1', 1],
        ['s2', 1],
        ['s1', 2],
      ])
      expect((await partsOf(id, 's1')).map(({ from }) => from)).toEqual([1, 2])
    })

    test('of a step that is not in the workflow are stale', async () => {
      const { lease } = await world.running(agent)
      expect(await codeOf(agent.log(lease, 'other', 1, ['a']))).toBe('stale_lease')
    })

    test('are told as they are stored', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a'])
      const part = { kind: 'lines', lease, stepId: 's1', from: 1, to: 1, text: 'a\n', runs: [[1, 5, 'out']] }
      expect(world.changes.at(-1)).toEqual({ kind: 'log', id, attempt: 1, part })
    })

    test('are read by pages that miss and repeat nothing', async () => {
      const { id, lease } = await world.running(agent)
      const line = 'x'.repeat(1_000)
      for (let at = 1; at <= 50; at++) await agent.log(lease, at % 2 === 0 ? 's1' : 's2', Math.ceil(at / 2), [line])
      const seen: LogPart[] = []
      let after: string | undefined
      for (let pages = 0; pages < 60; pages++) {
        const page = await world.store.readLogs({ id, bytes: 5_000, ...(after !== undefined && { after }) })
        seen.push(...page.parts)
        after = page.next ?? undefined
        if (!page.more) break
        expect(page.parts.length).toBeLessThan(6)
      }
      expect(seen).toEqual(await partsOf(id))
      expect(seen).toHaveLength(50)
    })

    async function textOf(id: string): Promise<string> {
      return (await partsOf(id)).map((part) => (part.kind === 'lines' ? part.text : '')).join('')
    }

    async function partsOf(id: string, stepId?: string): Promise<LogPart[]> {
      const page = await world.store.readLogs({ id, bytes: 1_000_000, ...(stepId !== undefined && { stepId }) })
      return page.parts
    }
  })

  completeness(
    () => world,
    () => agent,
  )
  attempts(
    () => world,
    () => agent,
  )
}

function completeness(home: () => World, its: () => Agent): void {
  describe('a log', () => {
    test('is open while the work runs, and complete with the last line that done names', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['a'])
      expect((await home().get(id)).logs).toBe('open')
      await its().finish(lease, undefined, { lines: { s1: 3 } })
      expect((await home().get(id)).logs).toBe('open')
      expect(await its().log(lease, 's1', 2, ['b', 'c'])).toEqual({ upto: 3, hole: false })
      expect((await home().get(id)).logs).toBe('complete')
    })

    test('answers what is stored to a frame that comes again after that, and takes no more', async () => {
      const { lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['a'])
      await its().finish(lease, undefined, { lines: { s1: 1 } })
      expect(await its().log(lease, 's1', 1, ['a'])).toEqual({ upto: 1, hole: false })
      expect(await codeOf(its().log(lease, 's1', 2, ['b']))).toBe('stale_lease')
    })

    test('with a gap is incomplete, and names the range and the reason', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['a'])
      expect(await its().gap(lease, 's1', 2, 9)).toEqual({ upto: 9, hole: false })
      await its().finish(lease, undefined, { lines: { s1: 9 } })
      expect(await home().get(id)).toMatchObject({
        logs: 'incomplete',
        missing: [{ stepId: 's1', from: 2, to: 9, reason: 'the spool was full' }],
      })
    })

    test('is incomplete after an hour without a line, and names what never came', async () => {
      const { id, lease } = await home().running(its())
      await its().finish(lease, undefined, { lines: { s1: 5, s2: 0 } })
      await home().pass(59 * 60_000)
      await its().log(lease, 's1', 1, ['a', 'b'])
      await home().pass(59 * 60_000)
      expect((await home().get(id)).logs).toBe('open')
      await home().pass(60_000)
      expect(await home().get(id)).toMatchObject({ logs: 'incomplete', missing: [{ stepId: 's1', from: 3, to: 5 }] })
      expect(await codeOf(its().log(lease, 's1', 3, ['c']))).toBe('stale_lease')
    })

    test('is incomplete at once when its agent comes back without the attempt', async () => {
      const { id, lease } = await home().running(its())
      await its().finish(lease, undefined, { lines: { s1: 5 } })
      await its().connect()
      expect((await home().get(id)).logs).toBe('incomplete')
    })

    test('of work that was lost says that nobody knows how much is missing', async () => {
      const { id, lease } = await home().running(its(), { maxAttempts: 1 })
      await its().update(lease, { state: 'running' })
      await its().log(lease, 's1', 1, ['a'])
      await its().connect()
      expect(await home().get(id)).toMatchObject({ logs: 'incomplete', missing: [{ stepId: 's1', from: 2, to: null }] })
    })

    test('of work that never began is complete', async () => {
      const id = await home().submit()
      await home().store.requestCancel([id], 'no more')
      expect((await home().get(id)).logs).toBe('complete')
      expect(await home().store.readLogs({ id, bytes: 100 })).toMatchObject({
        attempt: 0,
        lease: null,
        parts: [],
        more: false,
      })
    })
  })
}

function attempts(home: () => World, its: () => Agent): void {
  describe('the log of an attempt', () => {
    test('is the latest unless another is named', async () => {
      const { id, lease } = await home().running(its())
      await its().log(lease, 's1', 1, ['first'])
      await its().connect()
      const again = await its().start(id)
      await its().log(again, 's1', 1, ['second'])
      expect(await home().store.readLogs({ id, bytes: 100 })).toMatchObject({
        attempt: 2,
        parts: [{ text: 'second\n' }],
      })
      const first = await home().store.readLogs({ id, attempt: 1, bytes: 100 })
      expect(first).toMatchObject({ attempt: 1, lease, parts: [{ text: 'first\n' }], state: 'incomplete' })
    })

    test('that is not known is not found', async () => {
      const { id } = await home().running(its())
      expect(await codeOf(home().store.readLogs({ id, attempt: 2, bytes: 100 }))).toBe('not_found')
      expect(await codeOf(home().store.readLogs({ id: 'nothing', bytes: 100 }))).toBe('not_found')
      expect(await codeOf(home().store.readLogs({ id, after: 'x', bytes: 100 }))).toBe('bad_request')
    })
  })
}
