import type { WorkflowDetail } from '../../protocol/index.ts'
import type { Example } from './example.ts'

/** An example that has ended, beside what it promised. */
export interface Ended {
  example: Example
  workflow: WorkflowDetail
}

/** Why an example did not end as it says; null if it did. */
export function mismatch({ example, workflow }: Ended): string | null {
  if (workflow.state !== example.expect) return `expected ${example.expect}${because(workflow)}`
  if (workflow.logs !== 'complete') return `its log is ${workflow.logs}`
  const lines = outputLines(workflow)
  if (example.lines !== null && lines < example.lines) return `expected ${example.lines} lines, ${lines} came`
  if (workflow.attempt > 1) return `took ${workflow.attempt} attempts`
  return null
}

/** The table at the end: a row per example, and a last line that says whether all is well. */
export function summarize(ended: readonly Ended[]): { text: string; ok: boolean } {
  const rows = ended.map((one) => {
    const { workflow } = one
    const wrong = mismatch(one)
    const facts = [
      workflow.agent ? `on ${workflow.agent}` : 'never ran',
      `${outputLines(workflow)} lines`,
      seconds(workflow),
    ]
    return { wrong, cells: [wrong ? '✗' : '✓', workflow.name, workflow.state, ...facts, wrong ?? 'as expected'] }
  })
  const failed = rows.filter(({ wrong }) => wrong).length
  const verdict = failed
    ? `${failed} of ${rows.length} did not end as expected`
    : `all ${rows.length} ended as expected`
  return { text: `${aligned(rows.map(({ cells }) => cells))}\n${verdict}`, ok: failed === 0 }
}

function because({ error }: WorkflowDetail): string {
  return error ? ` (${error})` : ''
}

function outputLines(workflow: WorkflowDetail): number {
  return workflow.steps.reduce((sum, step) => sum + step.lines, 0)
}

function seconds({ started, finished }: WorkflowDetail): string {
  return started && finished ? `${((finished.getTime() - started.getTime()) / 1000).toFixed(1)} s` : '–'
}

function aligned(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
