import { expect } from 'vitest'
import { onStage } from './on-stage.ts'
import { residentBytes } from './proc.ts'
import type { RawEnd } from './raw-end.ts'
import type { Stage } from './stage.ts'

/** Far below what the lines of a minute would take, far above what garbage may. */
const GROWTH_BYTES = 200 * 1024 * 1024

/** A step that prints empty lines as fast as it can, for so long: nobody grows, nothing waits, no line is unaccounted for. */
export function survivesYes(seconds: number): Promise<void> {
  return onStage(async (stage) => {
    const { process: server } = await stage.serve()
    const agent = await stage.agent({ name: 'steady', capacity: 2 })
    const other = await stage.submit('name: other\nsteps:\n  wait:\n    commands: [echo waiting, sleep 600]\n')
    await stage.watch.until(other, ({ steps }) => (steps[0]?.lines ?? 0) > 1, { limitMs: 60_000 })
    const before = [server.pid, agent.pid].map(residentBytes)

    const flood = `timeout ${seconds} yes '' || true`
    const id = await stage.submit(`name: flood\nsteps:\n  - name: flood\n    commands: ${flood}\n`)
    await stage.watch.until(id, ({ steps }) => (steps[0]?.lines ?? 0) > 10_000, { limitMs: 60_000 })
    await expectCancelNow(stage, other, id)

    const most = [...before]
    const ended = await stage.watch.until(
      id,
      ({ logs }) => {
        for (const [at, { pid }] of [server, agent].entries()) most[at] = Math.max(most[at] ?? 0, residentBytes(pid))
        return logs !== 'open'
      },
      { limitMs: 60_000 + seconds * 20_000 },
    )
    expect(ended).toMatchObject({ state: 'success', attempt: 1, steps: [{ exitCode: 0 }] })
    for (const at of [0, 1]) expect((most[at] ?? 0) - (before[at] ?? 0)).toBeLessThan(GROWTH_BYTES)
    const gaps = await expectEveryLine(await stage.operator(), id, ended.steps[0]?.lines ?? 0)
    expect(ended.missing.map(({ from, to }) => [from, to])).toEqual(gaps)
    expect(ended.logs).toBe(gaps.length === 0 ? 'complete' : 'incomplete')
  })
}

/** The cancel of another workflow is asked, carried out and receipted while lines still wait for their turn. */
async function expectCancelNow(stage: Stage, other: string, flood: string): Promise<void> {
  const operator = await stage.operator()
  await operator.call('cancel', { ids: [other], reason: '' })
  await stage.watch.until(other, ({ state }) => state === 'canceled', { limitMs: 60_000 })
  expect(await stage.watch.get(flood)).toMatchObject({ logs: 'open' })
}

/** What is stored and what is named as missing follow each other from the first line to the last; answers the latter. */
async function expectEveryLine(operator: RawEnd, id: string, lines: number): Promise<[number, number][]> {
  const gaps: [number, number][] = []
  let last = 0
  for (let after: string | undefined; ; ) {
    const page = await operator.call('logs', { id, ...(after === undefined ? {} : { after }) })
    for (const part of page.parts) {
      expect(part.from).toBe(last + 1)
      last = part.to
      if (part.kind === 'gap') gaps.push([part.from, part.to])
      else expect(part.text.split('\n').length - 1).toBe(part.to - part.from + 1)
    }
    if (!page.more || page.next === null) break
    after = page.next
  }
  expect(last).toBe(lines)
  return gaps
}
