import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Example, parseExample } from '../../src/cli/demo/example.ts'
import { mismatch, summarize } from '../../src/cli/demo/summary.ts'
import type { WorkflowDetail } from '../../src/protocol/index.ts'
import { parseWorkflows } from '../../src/workflow/index.ts'
import { TERMS } from '../support/terms.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'workflows')

describe('the examples', () => {
  const files = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }))

  it.each(files)('$name says what it expects', ({ name, text }) => {
    expect(parseExample(name, text).expect).toMatch(/^(success|failure|canceled|skipped)$/)
  })

  it('are valid together', () => {
    expect(parseWorkflows(files).problems).toEqual([])
  })

  it('must say it, or the demo proves nothing', () => {
    expect(() => parseExample('a.yaml', 'steps: []')).toThrow(/a\.yaml must say "# expect:"/)
    expect(() => parseExample('a.yaml', '# expect: glory\n')).toThrow(/must say/)
    expect(() => parseExample('a.yaml', '# expect: success\n# cancel: sometimes\n')).toThrow(/at the first line/)
  })
})

describe('the summary', () => {
  const example: Example = { file: 'a.yaml', text: '', expect: 'success', lines: 3, cancelAtFirstLine: false }

  it('is content with an example that ended as it says', () => {
    expect(mismatch({ example, workflow: ended({}) })).toBeNull()
    expect(summarize([{ example, workflow: ended({}) }])).toMatchObject({ ok: true })
  })

  it.each([
    ['another outcome', { state: 'failure' as const, error: 'exit 1' }, 'expected success (exit 1)'],
    ['an incomplete log', { logs: 'incomplete' as const }, 'its log is incomplete'],
    ['missing lines', { steps: [] }, 'expected 3 lines, 0 came'],
    ['a second attempt', { attempt: 2 }, 'took 2 attempts'],
  ])('names %s', (_, change, wrong) => {
    const one = { example, workflow: ended(change) }
    expect(mismatch(one)).toBe(wrong)
    expect(summarize([one]).ok).toBe(false)
    expect(summarize([one]).text).toContain('1 of 1 did not end as expected')
  })
})

function ended(change: Partial<WorkflowDetail>): WorkflowDetail {
  const at = new Date(0)
  return {
    id: 'W1',
    version: 1,
    name: 'a',
    state: 'success',
    attempt: 1,
    agent: 'north',
    labels: {},
    priority: 0,
    created: at,
    started: at,
    finished: at,
    error: null,
    lost: null,
    logs: 'complete',
    cancel: null,
    steps: [
      {
        id: 's1',
        name: 's',
        state: 'success',
        exitCode: 0,
        started: at,
        finished: at,
        error: null,
        stopMs: null,
        dependsOn: [],
        detach: false,
        ignoresFailure: false,
        lines: 3,
      },
    ],
    missing: [],
    dependsOn: [],
    attempts: [],
    terms: TERMS,
    ...change,
  }
}
