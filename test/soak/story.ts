import type { LogPart, WorkflowDetail } from '../../src/protocol/index.ts'
import { TERMS } from '../support/terms.ts'
import type { Rest } from './checks/rest.ts'
import type { AttemptLog, Case } from './evidence.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { printed, readRecords, type StepRecord } from './step-script.ts'

/** Records as steps write them. */
export function wrote(...records: string[]): StepRecord[] {
  return readRecords(records.join('\n')).records
}

/** Printed lines of workflow `w`, stored from a position on. */
export function lines(step: string, attempt: number, from: number, numbers: number[]): LogPart {
  const text = numbers.map((n) => `${printed(n, 'w', step, attempt)}\n`).join('')
  const place = { lease: `lease ${attempt}`, stepId: step, from, to: from + numbers.length - 1 }
  return { kind: 'lines', ...place, text, runs: [[numbers.length, 0, 'out']] }
}

export function gap(step: string, from: number, to: number): LogPart {
  return { kind: 'gap', lease: 'lease 2', stepId: step, from, to, reason: '' }
}

export function logOf({ logs }: Case, attempt: number): AttemptLog {
  const log = logs.find(({ number }) => number === attempt)
  if (log === undefined) throw new Error(`no attempt ${attempt}`)
  return log
}

/** Two steps of two and three lines. Attempt 1 is lost with its agent bob in the first, attempt 2 goes well on ann. */
export function sound(plan: Partial<Plan> = {}): Case {
  const step = (name: string, count: number): PlannedStep => {
    return { name, lines: count, beats: 1, code: 0, stream: 'out', stubborn: false }
  }
  const steps = [step('one', 2), step('two', 3)]
  const rest = { group: undefined, dependsOn: [], runsOn: [], cancelAfterMs: undefined }
  return {
    plan: { name: 'w', steps, ending: 'success', ...rest, ...plan },
    id: 'id',
    canceled: false,
    found: FOUND(),
    logs: [
      { number: 1, state: 'incomplete', parts: [echo('one', 1), lines('one', 1, 2, [1])] },
      {
        number: 2,
        state: 'complete',
        parts: [echo('one', 2), lines('one', 2, 2, [1, 2]), echo('two', 2), lines('two', 2, 2, [1, 2, 3])],
      },
    ],
    records: wrote(
      'w 1 one bob 7 1.25 start 0',
      'w 1 one bob 7 1.26 beat 2',
      'w 2 one ann 8 4.10 start 0',
      'w 2 one ann 8 4.20 beat 2',
      'w 2 one ann 8 4.40 end 2',
      'w 2 two ann 9 4.50 start 0',
      'w 2 two ann 9 4.60 beat 3',
      'w 2 two ann 9 4.80 end 3',
    ),
  }
}

function echo(step: string, attempt: number): LogPart {
  const place = { lease: `lease ${attempt}`, stepId: step, from: 1, to: 1 }
  return { kind: 'lines', ...place, text: '+ sh step.sh\n', runs: [[1, 0, 'command']] }
}

const FOUND = (): WorkflowDetail => ({
  ...{ id: 'id', version: 9, name: 'w', state: 'success', attempt: 2, agent: 'ann', labels: {}, priority: 0 },
  ...{ created: new Date(0), started: new Date(0), finished: new Date(0), error: null, lost: null },
  ...{ logs: 'complete', cancel: null, steps: [], missing: [], dependsOn: [], attempts: [], terms: TERMS },
})

/** Nothing is to be done, and nobody has complained. */
export function quietRest(): Rest {
  return {
    queue: { pending: 0, waiting: 0, offered: 0, running: 0 },
    agents: [{ name: 'ann', state: 'online', running: 0 }],
    journals: [{ agent: 'ann', leases: [] }],
    left: [],
    said: [{ who: 'serve', text: '{"level":40,"msg":"the server was away"}\n' }],
    rubbish: [],
  }
}
