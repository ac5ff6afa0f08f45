import { AGENT_RULES, type Rule, SERVER_RULES } from '../../src/conformance/index.ts'

/** A row per rule, from the table that `drumline conformance` judges by. */
export function rulesBlock(): string {
  return [
    ['A server', SERVER_RULES],
    ['An agent', AGENT_RULES],
  ]
    .map(([side, rules]) => {
      const rows = Object.values(rules as Record<string, Rule>).map(
        ({ id, level, text }) => `| ${id} | ${level} | ${text} |`,
      )
      return `| rule | | ${side} |\n|---|---|---|\n${rows.join('\n')}`
    })
    .join('\n\n')
}
