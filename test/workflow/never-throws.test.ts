import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WorkflowSpec } from '../../src/protocol/index.ts'
import { parseWorkflow } from '../../src/workflow/index.ts'

const WORDS = [
  ...[
    'clone',
    'url',
    'name',
    'labels',
    'depends_on',
    'runs_on',
    'matrix',
    'include',
    'steps',
    'commands',
    'when',
    'status',
    'timeout',
  ],
  ...[
    'secrets',
    'concurrency',
    'group',
    'environment',
    'lease',
    'grace',
    'variables',
    'success',
    'failure',
    '10m',
    '-5',
  ],
  ...[
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '\n  - ',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '<<: *a',
    '!t ',
    '~',
    '"',
    "'",
  ],
  ...['|\n', '#', '---\n', '? ', '\t', `\${A}`, '__proto__', '\u0000', 'é', '%YAML 1.1\n', 'A=b'],
]

const noise = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(''))

test('whatever a file holds, it is a valid workflow or has mistakes within its lines', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        noise,
        noise.map((text) => `steps:\n  - name: a\n    commands: x\n${text}`),
      ),
      (text) => {
        const { workflows, problems } = parseWorkflow({ name: 'a.yaml', text })
        expect(workflows.length > 0).toBe(problems.length === 0)
        for (const workflow of workflows) expect(WorkflowSpec.safeParse(workflow).success).toBe(true)
        const lines = text.split('\n').length
        for (const { line = 0, column = 0, message } of problems) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines)
          expect(column).toBeGreaterThanOrEqual(1)
          expect(message).not.toMatch(/undefined|\[object|Invalid input/)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
