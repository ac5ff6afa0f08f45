import { describe, expect, test } from 'vitest'
import { parseWorkflow } from '../../src/workflow/index.ts'
import { blocks, DOCUMENT, said } from './document.ts'

const STEPS = 'steps:\n  - {name: a, commands: x}\n'

describe('docs/workflows.md', () => {
  test.each(blocks().map((block) => [block.where, block] as const))('is right about what it shows: %s', (_, block) => {
    const text = block.runs ? block.text : `${block.text}${STEPS}`
    expect(parseWorkflow({ name: 'block.yaml', text }).problems).toEqual([])
    expect(said(block, 'expect') !== undefined, 'what is run says how it ends').toBe(block.runs)
  })

  // A wrong key is answered with all that there are.
  test.each([
    ['a workflow', `colour: red\n${STEPS}`],
    ['a step', 'steps:\n  - {name: a, commands: x, colour: red}\n'],
    ['`clone`', `clone: {url: "https://a.example/b", colour: red}\n${STEPS}`],
    ['`concurrency`', `concurrency: {group: a, colour: red}\n${STEPS}`],
  ])('names every key of %s', (_, text) => {
    const [problem] = parseWorkflow({ name: 'ci.yaml', text }).problems
    const keys = /it may have (.*)$/.exec(problem?.message ?? '')?.[1]?.split(', ') ?? []
    expect(keys.length).toBeGreaterThan(1)
    expect(keys.filter((key) => !new RegExp(`^\\| .*\\b${key}\\b`, 'm').test(DOCUMENT))).toEqual([])
  })
})
