import { describe, expect, test } from 'vitest'
import { WorkflowSpec, workflowSpec } from '../../src/protocol/index.ts'
import { parseWorkflow } from '../../src/workflow/index.ts'

/** What a file of this text says. */
const ofFile = (text: string) => parseWorkflow({ name: 'build.yaml', text }).workflows[0]

describe('a workflow that a program writes', () => {
  test('has the defaults of a file that says as little', () => {
    const spec = workflowSpec({
      name: 'build',
      steps: [
        { name: 'a', commands: ['true'] },
        { name: 'b', commands: ['true'] },
      ],
    })
    expect(spec).toEqual(ofFile('steps:\n  a: { commands: "true" }\n  b: { commands: "true" }\n'))
    expect(WorkflowSpec.parse(spec)).toEqual(spec)
  })

  test('keeps all that it says', () => {
    const spec = workflowSpec({
      name: 'build',
      priority: 7,
      timeoutMs: 60_000,
      labels: { pool: 'fast' },
      steps: [{ id: 'one', name: 'a', image: 'bash', dependsOn: [] }],
    })
    expect(spec).toMatchObject({ priority: 7, timeoutMs: 60_000, labels: { pool: 'fast' }, maxAttempts: 3 })
    expect(spec.steps).toEqual([{ id: 'one', name: 'a', image: 'bash', commands: [], dependsOn: [] }])
  })
})
