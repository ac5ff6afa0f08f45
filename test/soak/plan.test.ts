import { describe, expect, test } from 'vitest'
import { WorkflowSpec } from '../../src/protocol/index.ts'
import { Random } from '../support/random.ts'
import { commandOf, readOptions } from './options.ts'
import { planSubmission } from './plan.ts'

const where = { script: '/soak/step.sh', records: (lane: string) => `/soak/records-${lane}`, graceMs: 1_000 }

function planned(seed: number) {
  const random = new Random(seed)
  return Array.from({ length: 300 }, (_, at) => planSubmission(random, where, at + 1)).flat()
}

describe('what a soak submits', () => {
  test('follows from its seed', () => {
    expect(planned(7)).toEqual(planned(7))
    expect(planned(7)).not.toEqual(planned(8))
  })

  test('is what a server takes', () => {
    for (const { spec } of planned(7)) expect(WorkflowSpec.parse(spec)).toEqual(spec)
  })

  test('is of every kind', () => {
    const all = planned(7)
    const kinds = [
      all.some(({ ending }) => ending === 'failure'),
      all.some(({ group }) => group !== undefined),
      all.some(({ dependsOn, runsOn }) => dependsOn.length > 0 && runsOn.includes('failure')),
      all.some(({ cancelAfterMs }) => cancelAfterMs !== undefined),
      all.some(({ spec }) => spec.steps.some(({ dependsOn }) => dependsOn !== undefined)),
      all.some(({ spec }) => spec.steps.some(({ timeoutMs }) => timeoutMs !== undefined)),
      all.some(({ steps }) => steps.some(({ lines }) => lines > 4_000)),
      all.some(({ steps }) => steps.some(({ stubborn }) => stubborn)),
    ]
    expect(kinds).toEqual(kinds.map(() => true))
  })
})

describe('the command of a soak', () => {
  test('names all that it was told, so that it can be given again', () => {
    const options = readOptions(['--minutes', '0.5', '--seed', '3', '--kill', 'agent,network'])
    expect(options).toEqual({ minutes: 0.5, seed: 3, kinds: ['agent', 'network'], agents: 3, lease: 8 })
    const again = commandOf(options).split(' -- ')[1]?.split(' ') ?? []
    expect(readOptions(again)).toEqual(options)
    expect(readOptions(['--kill', 'none']).kinds).toEqual([])
  })

  test.each([
    [['--minutes', 'long'], '--minutes must be a number above 0, not "long"'],
    [['--kill', 'disk'], '--kill takes server, agent, network or none, not "disk"'],
    [['--speed', '9'], 'Unknown option'],
  ])('refuses %j', (args, message) => expect(() => readOptions(args)).toThrow(message))
})
