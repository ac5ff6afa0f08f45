import type { WorkflowDetail } from '../../src/protocol/index.ts'

/** Of a workflow that asks for nothing in particular. */
export const TERMS: WorkflowDetail['terms'] = {
  timeoutMs: 3_600_000,
  graceMs: 10_000,
  onOutage: 'stop',
  maxAttempts: 3,
  runsOn: [],
  concurrency: null,
}
