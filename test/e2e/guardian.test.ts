import { describe, expect, test } from 'vitest'
import { Beats } from '../support/beats.ts'
import { onStage } from '../support/on-stage.ts'
import { endProcess, guardiansOf, processesIn } from '../support/proc.ts'
import type { Running } from '../support/running.ts'
import type { Stage } from '../support/stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const flags = ['--test-timings', '--lease', '15s']
const grace = ['--grace', '1s']
const patient = { limitMs: 90_000 }

describe.concurrent('the steps of an agent', { timeout: 240_000 }, () => {
  test('that was killed end with it, also those that ignore SIGTERM, before others run the workflows', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await stage.agent({ name: 'first', capacity: 2 })
      const polite = await Beats.submit(stage, { name: 'polite', flags: grace })
      const stubborn = await Beats.submit(stage, { name: 'stubborn', before: "trap '' TERM", flags: grace })
      await polite.of(1)
      await stubborn.of(1)
      await stage.killAgent('first')
      await noSteps(stage)
      await waitUntil(() => guardiansOf(first.pid).length === 0, { ...patient, what: 'the end of the guardian' })

      await stage.agent({ name: 'second', capacity: 2 })
      for (const beats of [polite, stubborn]) {
        await beats.of(2)
        beats.letGo()
        expect(await stage.watch.ended(beats.id, 90_000)).toMatchObject({ state: 'success', attempt: 2 })
        beats.expectOneAfterTheOther(1, 2)
      }
    }))

  test('that is stopped for longer than its lease are dead when others run the workflow', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await stage.agent({ name: 'first' })
      const beats = await Beats.submit(stage, { flags: grace })
      await beats.of(1)
      first.signal('SIGSTOP')
      await stage.agent({ name: 'second' })
      await beats.of(2)
      first.signal('SIGCONT')
      // It is itself again, whether it first heard that the lease is lost or looked at its clock.
      await stage.stopAgent('first')
      beats.letGo()
      expect(await stage.watch.ended(beats.id, 90_000)).toMatchObject({
        state: 'success',
        attempt: 2,
        agent: 'second',
      })
      beats.expectOneAfterTheOther(1, 2)
    }))

  test('that wakes up just after its guardian has ended them have not failed: they run once more', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const agent = await stage.agent({ name: 'first' })
      const beats = await Beats.submit(stage, { flags: grace })
      await beats.of(1)
      agent.signal('SIGSTOP')
      await noSteps(stage)
      agent.signal('SIGCONT')
      await beats.of(2)
      beats.letGo()
      expect(await stage.watch.ended(beats.id, 90_000)).toMatchObject({ state: 'success', attempt: 2 })
      beats.expectOneAfterTheOther(1, 2)
    }))

  test('whose guardian was killed are given another', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const agent = await stage.agent({ name: 'first' })
      const beats = await Beats.submit(stage, { flags: grace })
      await beats.of(1)
      const killed = await guardianOf(agent)
      endProcess(killed)
      await waitUntil(() => agent.stderr().includes('another has taken its place'), patient)
      expect(await guardianOf(agent)).not.toBe(killed)
      await stage.killAgent('first')
      await noSteps(stage)
    }))

  test('have one guardian, however many they are, and none when the agent has left', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const agent = await stage.agent({ name: 'first', capacity: 4 })
      const all: Beats[] = []
      for (const name of ['one', 'two', 'three', 'four']) all.push(await Beats.submit(stage, { name }))
      for (const beats of all) await beats.of(1)
      await guardianOf(agent)
      for (const beats of all) beats.letGo()
      for (const { id } of all) expect(await stage.watch.ended(id, 90_000)).toMatchObject({ state: 'success' })
      await stage.stopAgent('first')
      await waitUntil(() => guardiansOf(agent.pid).length === 0, { ...patient, what: 'the end of the guardian' })
    }))
})

/** Waits for its one guardian: it starts with the first step, and takes a moment. */
async function guardianOf({ pid }: Running): Promise<number> {
  const [guardian = 0, ...more] = await waitUntil(
    () => {
      const all = guardiansOf(pid)
      return all.length > 0 && all
    },
    { ...patient, what: 'a guardian' },
  )
  expect(more).toEqual([])
  return guardian
}

/** Waits until nothing runs on the stage but `drumline` itself. */
async function noSteps(stage: Stage): Promise<void> {
  const steps = () => processesIn(stage.folder).filter(({ command }) => !command.includes('drumline.js'))
  await waitUntil(() => steps().length === 0, { ...patient, what: 'the end of the steps' })
}
