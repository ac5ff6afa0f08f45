import type { Violation } from './evidence.ts'
import { commandOf, type SoakOptions } from './options.ts'
import type { Outcome } from './soak.ts'

/** What was done and what was found, for people. */
export function reportOf(options: SoakOptions, outcome: Outcome): string {
  const { submitted, outcomes, attempts, lines, faults, reconnects, longestOutageMs, violations } = outcome
  const times = [...faults.values()].reduce((sum, count) => sum + count, 0)
  return [
    `workflows    ${submitted}: ${counts(outcomes)}`,
    `attempts     ${attempts}, ${lines} lines of log`,
    `faults       ${times}: ${counts(faults)}`,
    `connections  ${reconnects} reconnects, longest time without one ${(longestOutageMs / 1000).toFixed(1)} s`,
    ...violations.map(lineOf),
    `${violations.length} violations`,
    `again: ${commandOf(options)}`,
  ].join('\n')
}

function lineOf({ rule, workflow, attempt, evidence }: Violation): string {
  const where = workflow === undefined ? '' : ` ${workflow}${attempt === undefined ? '' : ` attempt ${attempt}`}`
  return `VIOLATION    ${rule}:${where}: ${evidence}`
}

function counts(of: ReadonlyMap<string, number>): string {
  const sorted = [...of].sort(([a], [b]) => a.localeCompare(b))
  return sorted.map(([what, count]) => `${count} ${what}`).join(', ') || 'none'
}
