import { describe, expect, test } from 'vitest'
import type { WorkflowStateName } from '../../src/protocol/index.ts'
import { checkExecutions } from './checks/executions.ts'
import { checkLines } from './checks/lines.ts'
import { checkOrder } from './checks/order.ts'
import { checkOutcome } from './checks/outcome.ts'
import { checkOverlap } from './checks/overlap.ts'
import { checkRest } from './checks/rest.ts'
import { Sightings } from './checks/sightings.ts'
import type { Case, Violation } from './evidence.ts'
import { readRecords } from './step-script.ts'
import { gap, lines, logOf, quietRest, sound, wrote } from './story.ts'

const rules = (violations: readonly Violation[]) => violations.map(({ rule }) => rule)

/** A sound story with one thing changed in it. */
function spoiled(change: (story: Case) => unknown): Case {
  const story = sound()
  change(story)
  return story
}

type Planted = [rule: string, what: string, change: (story: Case) => unknown]

const LATEST = (story: Case) => logOf(story, 2)

const OUTCOMES: Planted[] = [
  ['acknowledged and missing', 'one that the server does not know', (story) => Object.assign(story, { found: null })],
  ['not ended', 'one that still runs', ({ found }) => found && Object.assign(found, { state: 'running' })],
  [
    'wrong outcome',
    'one that failed though its plan does not',
    ({ found }) => found && Object.assign(found, { state: 'failure' }),
  ],
  ['wrong outcome', 'a success after a cancel', (story) => Object.assign(story, { canceled: true })],
  ['wrong outcome', 'one that ran after a failure', ({ plan }) => Object.assign(plan, { dependsOn: ['failed'] })],
  ['log never settled', 'one whose log is open', ({ found }) => found && Object.assign(found, { logs: 'open' })],
]

const EXECUTIONS: Planted[] = [
  ['step run twice', 'a second start', ({ records }) => records.push(...wrote('w 2 one ann 9 8 start 0'))],
  ['attempt on two agents', 'a step elsewhere', ({ records }) => records.push(...wrote('w 2 two bob 9 8 beat 0'))],
  ['unknown to the server', 'a third attempt', ({ records }) => records.push(...wrote('w 3 one ann 9 9 start 0'))],
  ['unknown step', 'a step of no plan', ({ records }) => records.push(...wrote('w 2 six bob 9 8 start 0'))],
  ['success without its work', 'a step that did not end', ({ records }) => records.pop()],
]

const LINES: Planted[] = [
  ['position twice', 'a part stored twice', (story) => LATEST(story).parts.push(lines('two', 2, 2, [2]))],
  ['line twice or out of order', 'a line twice', (story) => LATEST(story).parts.push(lines('two', 2, 5, [3]))],
  [
    'line twice or out of order',
    'two in the wrong order',
    (story) => LATEST(story).parts.splice(-1, 1, lines('two', 2, 2, [2, 1, 3])),
  ],
  ['lines missing', 'one that is not there', (story) => LATEST(story).parts.splice(-1, 1, lines('two', 2, 2, [1, 3]))],
  ['hole in the positions', 'a part that is not there', (story) => LATEST(story).parts.splice(-2, 1)],
  ['line of something else', 'a line of attempt 1', (story) => LATEST(story).parts.push(lines('two', 1, 5, [4]))],
  ['lines of an unknown step', 'a step of no plan', (story) => LATEST(story).parts.push(lines('six', 2, 1, [1]))],
  ['log of a step that never ran', 'a step without records', (story) => Object.assign(story, { records: [] })],
  ['more lines than were printed', 'too many', (story) => LATEST(story).parts.push(lines('two', 2, 5, [4]))],
  ['complete with gaps', 'a gap in a complete log', (story) => LATEST(story).parts.push(gap('two', 5, 6))],
  [
    'complete and not whole',
    'an end that is missing',
    (story) => LATEST(story).parts.splice(-1, 1, lines('two', 2, 2, [1, 2])),
  ],
  [
    'success with an incomplete log',
    'lines that were lost',
    (story) => Object.assign(LATEST(story), { state: 'incomplete' }),
  ],
  [
    'missing lines named wrongly',
    'a gap that nobody named',
    (story) => Object.assign(LATEST(story), { state: 'incomplete', parts: [gap('two', 1, 4)] }),
  ],
  [
    'missing lines named wrongly',
    'a gap that is none',
    (story) => {
      LATEST(story).state = 'incomplete'
      story.found?.missing.push({ stepId: 'two', from: 2, to: 3, reason: '' })
    },
  ],
  [
    'lines missing',
    'an end of which nobody says that it is missing',
    (story) => {
      Object.assign(LATEST(story), { state: 'incomplete' }).parts.splice(-1, 1)
    },
  ],
  ['log never settled', 'an open log of attempt 1', (story) => Object.assign(logOf(story, 1), { state: 'open' })],
]

describe('the checker is content with', () => {
  test('a sound story: attempt 1 lost with its agent, attempt 2 a success', () => {
    const story = sound()
    expect(checkOutcome(story, new Map([['failed', 'failure']]))).toEqual([])
    expect(checkExecutions(story)).toEqual([])
    expect(checkLines(story)).toEqual([])
    expect(checkOverlap(story.records)).toEqual([])
  })

  test('missing lines that are named', () => {
    const story = spoiled((one) => {
      Object.assign(LATEST(one), { state: 'incomplete' }).parts.splice(-1, 1, gap('two', 2, 3), lines('two', 2, 4, [3]))
      Object.assign(one.found ?? {}, { state: 'failure', missing: [{ stepId: 'two', from: 2, to: 3, reason: '' }] })
    })
    expect(checkLines(story)).toEqual([])
  })

  test('a world at rest', () => expect(checkRest(quietRest())).toEqual([]))
})

describe('the checker finds', () => {
  const others = new Map<string, WorkflowStateName>([['failed', 'failure']])

  test.each(OUTCOMES)('%s: %s', (rule, _, change) =>
    expect(rules(checkOutcome(spoiled(change), others))).toEqual([rule]),
  )
  test.each(EXECUTIONS)('%s: %s', (rule, _, change) => expect(rules(checkExecutions(spoiled(change)))).toContain(rule))
  test.each(LINES)('%s: %s', (rule, _, change) => expect(rules(checkLines(spoiled(change)))).toContain(rule))

  test('two attempts at a time', () => {
    const { records } = spoiled((story) => story.records.splice(5, 0, ...wrote('w 1 one bob 7 5 beat 2')))
    expect(rules(checkOverlap(records))).toEqual(['two attempts at a time'])
  })

  test('a group above its limit', () => {
    const records = wrote('w 1 one ann 1 1 start 0', 'v 1 one bob 2 2 start 0', 'w 1 one ann 1 3 end 0')
    expect(rules(checkOverlap(records))).toEqual(['group above its limit'])
  })

  test('one that began before what it waits for had ended', () => {
    const early = wrote('v 1 one bob 1 3 beat 0')
    const story = spoiled(({ plan, records }) => {
      plan.dependsOn = ['v']
      records.splice(0, 3)
    })
    expect(rules(checkOrder(story, new Map([['v', early]])))).toEqual([])
    expect(rules(checkOrder(sound({ dependsOn: ['v'] }), new Map([['v', early]])))).toEqual(['began before its time'])
  })

  test('what is no record in a file of records', () => {
    expect(readRecords('w 1 one ann 1 1.25 start 0\nw 1 one\n').rubbish).toEqual(['w 1 one'])
  })
})

describe('the watcher finds', () => {
  const at = (version: number, state: WorkflowStateName, attempt = 1, stored = 0) => ({
    ...{ name: 'w', version, state, attempt },
    steps: [{ id: 'one', lines: stored }],
  })

  test.each([
    ['version fell', at(5, 'running'), at(4, 'running')],
    ['attempt fell', at(5, 'running', 2), at(6, 'running', 1)],
    ['an end that was none', at(5, 'success'), at(6, 'pending')],
    ['two states of one version', at(5, 'pending'), at(5, 'running')],
    ['stored lines gone', at(5, 'running', 1, 9), at(6, 'running', 1, 8)],
  ])('%s', (rule, first, second) => {
    const sightings = new Sightings()
    sightings.see(first)
    expect(sightings.violations).toEqual([])
    sightings.see(second)
    expect(rules(sightings.violations)).toEqual([rule])
  })

  test('lines of a former attempt that were stored and are gone', () => {
    const sightings = new Sightings()
    sightings.see(at(5, 'running', 1, 2))
    sightings.see(at(6, 'pending', 1, 0))
    sightings.compareLog('w', sound().logs)
    expect(sightings.violations).toEqual([])
    sightings.see(at(7, 'running', 1, 3))
    sightings.compareLog('w', sound().logs)
    expect(rules(sightings.violations)).toEqual(['stored lines gone'])
  })
})

describe('at rest, the checker finds', () => {
  test.each([
    ['not at rest', { queue: { pending: 0, waiting: 0, offered: 0, running: 1 } }],
    ['not at rest', { agents: [{ name: 'ann', state: 'online', running: 1 }] }],
    ['agent not back', { agents: [{ name: 'ann', state: 'offline', running: 0 }] }],
    ['journal not empty', { journals: [{ agent: 'ann', leases: ['lease'] }] }],
    ['left behind', { left: ['folder drumline-x'] }],
    ['stack trace', { said: [{ who: 'serve', text: 'TypeError: x\n    at run (file:///a/b.js:12:3)\n' }] }],
    [
      'stack trace',
      { said: [{ who: 'serve', text: '{"level":50,"error":{"stack":"Error: x\\n at y"},"msg":"z"}\n' }] },
    ],
    ['strange record', { rubbish: ['?'] }],
  ])('%s', (rule, change) => expect(rules(checkRest({ ...quietRest(), ...change }))).toEqual([rule]))
})
