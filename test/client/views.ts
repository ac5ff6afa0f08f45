import type { LogPart, WorkflowDetail } from '../../src/protocol/index.ts'
import { TERMS } from '../support/terms.ts'

/** A workflow as the server shows it. */
export function workflow(changes: Partial<WorkflowDetail> = {}): WorkflowDetail {
  return {
    id: 'w1',
    version: 1,
    name: 'build',
    state: 'running',
    attempt: 1,
    agent: 'a',
    labels: {},
    priority: 0,
    created: new Date(1000),
    started: new Date(2000),
    finished: null,
    error: null,
    lost: null,
    logs: 'open',
    cancel: null,
    steps: [step('s1')],
    missing: [],
    dependsOn: [],
    attempts: [],
    terms: TERMS,
    ...changes,
  }
}

export function step(
  id: string,
  changes: Partial<WorkflowDetail['steps'][number]> = {},
): WorkflowDetail['steps'][number] {
  return {
    id,
    name: id,
    state: 'running',
    exitCode: null,
    started: new Date(2000),
    finished: null,
    error: null,
    stopMs: null,
    lines: 0,
    dependsOn: [],
    detach: false,
    ignoresFailure: false,
    ...changes,
  }
}

/** Lines `from` … `to` of a step, each saying who it is. */
export function lines(stepId: string, from: number, to: number, lease = 'lease-1'): LogPart {
  const text = Array.from({ length: to - from + 1 }, (_, index) => `${stepId}:${from + index}\n`).join('')
  return { kind: 'lines', lease, stepId, from, to, text, runs: [[to - from + 1, 5, 'out']] }
}
