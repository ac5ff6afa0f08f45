import { describe, expect, test } from 'vitest'
import { AGENT_RULES, type Rule, SERVER_RULES } from '../../src/conformance/index.ts'

describe.each([
  { side: 'a server', rules: Object.values<Rule>(SERVER_RULES), first: 1 },
  { side: 'an agent', rules: Object.values<Rule>(AGENT_RULES), first: 101 },
])('the rules of $side', ({ rules, first }) => {
  test('are numbered one after the other, so that a number stays with its rule', () => {
    expect(rules.map(({ id }) => id)).toEqual(rules.map((_, at) => `R${first + at}`))
  })

  test('are a sentence each, which fits a line of a terminal and a row of a table', () => {
    expect(rules.filter(({ text }) => !text.endsWith('.') || text.length > 120 || text.includes('|'))).toEqual([])
  })
})
