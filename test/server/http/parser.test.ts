import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/protocol/index.ts'
import { Parser } from '../../../src/server/http/parse/parser.ts'
import { parseWorkflows } from '../../../src/workflow/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { many, YAML } from './front.ts'

const long = `${'# a remark\n'.repeat(1000)}${YAML}`
const nasty = `a: [${'1,'.repeat(400_000)}]`

describe('files that are submitted by HTTP', () => {
  test.each([
    ['small', YAML],
    ['large', long],
    ['wrong', `${long}stepz: []\n`],
  ])('are read the same in a thread: %s', async (_, text) => {
    const files = [{ name: 'a.yaml', text }]
    expect(await new Parser({ clock: systemClock, thread: true }).parse(files)).toEqual(parseWorkflows(files))
  })

  test('hold up nobody else, however nasty, and are given up in time', async () => {
    const clock = new FakeClock()
    const parser = new Parser({ clock, thread: true })
    const outcome = parser.parse([{ name: 'a.yaml', text: nasty }]).catch((error: unknown) => error)
    await waitUntil(() => clock.pending === 1, { what: 'the time that it has' })
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ code: 'bad_request', message: expect.stringContaining('too long') })
    expect(clock.pending).toBe(0)
  })

  test('wait for a thread, and are refused when too many wait', { timeout: 60_000 }, async () => {
    const parser = new Parser({ clock: systemClock, thread: true })
    const all = await Promise.allSettled(many(15).map(() => parser.parse([{ name: 'a.yaml', text: long }])))
    const refused = all.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(5)
    expect(refused[0]).toMatchObject({ reason: { code: 'busy' } })
    expect((await parser.parse([{ name: 'a.yaml', text: long }])).workflows).toHaveLength(1)
  })
})
