import { describe, expect, test } from 'vitest'
import { parseWorkflow } from '../../src/workflow/index.ts'
import { WRONG_KEYS } from './wrong/keys.ts'
import { WRONG_VALUES } from './wrong/values.ts'
import { WRONG_YAML } from './wrong/yaml.ts'

describe('a wrong workflow file is refused at line and column, with what to do', () => {
  test.each([...WRONG_YAML, ...WRONG_KEYS, ...WRONG_VALUES])('%s', (_, text, ...expected) => {
    const { workflows, problems } = parseWorkflow({ name: 'ci.yaml', text })
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(expected)
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['ci.yaml']))
    expect(workflows).toEqual([])
  })
})
